import type { UnreadableNode, WindowsNode } from "../model/node.ts";
import type { EndpointsObserved } from "../model/observed.ts";
import { poolOfNode, sourceOf } from "../model/pools.ts";
import type { NodeEndpoint } from "../model/slice.ts";
import type { EndpointFacts, Finding } from "../model/verdict.ts";
import type { NodeVerdict } from "./addresses.ts";
import type { EndpointsDesired } from "./desired.ts";

/** A verdict on a node, whether or not its Node object can be read. */
export type AnyVerdict = NodeVerdict | NodeVerdict<UnreadableNode>;

/** Returns the function that makes the finding about a node, with its endpoint as it should be and as it is. */
export function nodeFindings(
  desired: EndpointsDesired,
  observed: EndpointsObserved,
  overflow: readonly NodeEndpoint[],
): (verdict: AnyVerdict) => Finding {
  const kinds = liveByKind(desired, observed);
  const homeless = new Set(overflow.map(({ node }) => node));
  return ({ node, endpoint, ...verdict }) => {
    const subject = { kind: "node", node: node.name } as const;
    const pool = poolOfNode({ name: node.name, pool: "pool" in node ? node.pool : undefined });
    const isPublished = endpoint !== undefined && !homeless.has(node.name);
    const facts: EndpointFacts = {
      ...(pool !== undefined && { pool }),
      source: sourceOf(pool, desired.selection),
      ...(isPublished && { endpoint: `${endpoint.address}:${endpoint.port}` }),
      isReady: isPublished && endpoint.ready,
      live: liveOf(node, kinds),
    };
    if (!endpoint) return { subject, ...verdict, endpoint: facts };
    if (!isPublished) return { subject, state: "unpublished", reason: "too-many", endpoint: facts };
    const readiness = endpoint.ready ? "ready" : "not ready: its exporter is not proven yet";
    return { subject, message: `${facts.endpoint}, ${readiness}`, ...verdict, endpoint: facts };
  };
}

type LiveKind = ReadonlyMap<string, NodeEndpoint>;

/** Returns the endpoints in each kind of object that the app writes, by node name: Prometheus reads one of them. */
function liveByKind(
  { owner, objects }: EndpointsDesired,
  { slices, endpoints }: EndpointsObserved,
): readonly LiveKind[] {
  const inSlices = slices.filter((each) => each.owner === owner).flatMap((each) => each.endpoints ?? []);
  const inEndpoints = endpoints?.owner === owner ? (endpoints.endpoints ?? []) : [];
  return objects === "both" ? [byNode(inSlices), byNode(inEndpoints)] : [byNode(inSlices)];
}

function byNode(found: readonly NodeEndpoint[]): LiveKind {
  return new Map(found.map((each) => [each.node, each]));
}

/** A new machine can have the name of an old one, whose endpoint is not its own. */
function liveOf(node: WindowsNode | UnreadableNode, kinds: readonly LiveKind[]): EndpointFacts["live"] {
  const found = kinds.map((kind) => kind.get(node.name));
  const isIn = (each: NodeEndpoint | undefined): boolean =>
    each !== undefined && (!("uid" in node) || each.uid === node.uid);
  if (!found.every(isIn)) return "no";
  return found.every((each) => each?.ready === true) ? "ready" : "not-ready";
}
