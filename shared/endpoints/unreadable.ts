import type { UnreadableNode } from "../model/node.ts";
import type { EndpointsObserved } from "../model/observed.ts";
import type { NodeEndpoint } from "../model/slice.ts";
import type { NodeVerdict } from "./addresses.ts";
import type { EndpointsDesired } from "./desired.ts";

/**
 * Returns a verdict for each node whose Node object cannot be read. The node is not gone, so its published endpoint stays
 * as it is, unless a node that can be read has the address now.
 */
export function keepUnreadable(
  { owner }: EndpointsDesired,
  { unreadable, slices, endpoints }: EndpointsObserved,
  readable: readonly NodeVerdict[],
): readonly NodeVerdict<UnreadableNode>[] {
  const taken = new Set(readable.map(({ endpoint }) => endpoint?.address));
  const own = [...slices, endpoints].filter((each) => each?.owner === owner);
  const live = new Map<string, NodeEndpoint>();
  for (const each of own.flatMap((object) => object?.endpoints ?? [])) {
    if (!live.has(each.node) && !taken.has(each.address)) live.set(each.node, each);
  }
  return unreadable.map((node): NodeVerdict<UnreadableNode> => {
    const endpoint = live.get(node.name);
    const verdict = { node, reason: "unreadable", message: node.problem } as const;
    return endpoint ? { ...verdict, state: "uncovered", endpoint } : { ...verdict, state: "unpublished" };
  });
}
