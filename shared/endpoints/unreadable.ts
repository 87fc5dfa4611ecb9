import type { UnreadableNode } from "../model/node.ts";
import type { EndpointsObserved } from "../model/observed.ts";
import { byText } from "../model/order.ts";
import { poolOfNode, sourceOf } from "../model/pools.ts";
import type { AddressFamily, NodeEndpoint } from "../model/slice.ts";
import { type LiveReadiness, type NodeVerdict, readinessKey, whyOff } from "./addresses.ts";
import type { EndpointsDesired } from "./desired.ts";
import { isPublishable } from "./publishable.ts";

type UnreadableVerdict = NodeVerdict<UnreadableNode>;

/**
 * Returns a verdict for each node whose Node object cannot be read. The node is not gone, so its published endpoint stays.
 * The first matching row applies:
 *
 *     observed                                                        verdict
 *     --------                                                        -------
 *     its pool, by its name, is in UNINSTALL_POOLS                    excluded uninstall
 *     its pool, by its name, is outside POOLS or has the source off   excluded pool-off
 *     the app's objects have no endpoint of it, in the Service's      unpublished unreadable
 *       primary IP family, whose address no other node has now
 *     else                                                            uncovered unreadable, published
 */
export function keepUnreadable(
  desired: EndpointsDesired,
  observed: EndpointsObserved,
  readable: readonly NodeVerdict[],
  { family, live }: { readonly family: AddressFamily; readonly live: LiveReadiness },
): readonly UnreadableVerdict[] {
  const taken = new Set(readable.map(({ endpoint }) => endpoint?.address));
  const published = publishedBy(desired, observed).filter(({ address }) => isPublishable(address, family));
  return observed.unreadable.toSorted(byText(({ name }) => name)).map((node): UnreadableVerdict => {
    const { name, problem: message } = node;
    const pool = poolOfNode({ name, pool: undefined });
    if (sourceOf(pool, desired.selection) === "off") {
      return { node, state: "excluded", reason: whyOff(pool, desired) };
    }
    const found = published.find((each) => each.node === name && !taken.has(each.address));
    if (!found) return { node, state: "unpublished", reason: "unreadable", message };
    taken.add(found.address);
    const endpoint = { ...found, ready: live.get(readinessKey(found.uid, found.port)) ?? found.ready };
    return { node, state: "uncovered", reason: "unreadable", message, endpoint };
  });
}

/** Returns the endpoints in the app's own objects; those in slices, which have a zone, come first. */
function publishedBy({ owner }: EndpointsDesired, { slices, endpoints }: EndpointsObserved): readonly NodeEndpoint[] {
  const own = slices.filter((each) => each.owner === owner).toSorted(byText(({ name }) => name));
  const inSlices = own.flatMap((each) => (each.endpoints ?? []).toSorted(byText(({ address }) => address)));
  return [...inSlices, ...((endpoints?.owner === owner ? endpoints.endpoints : undefined) ?? [])];
}
