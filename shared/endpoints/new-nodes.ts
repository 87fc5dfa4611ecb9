import type { EndpointsObserved } from "../model/observed.ts";
import { poolOfNode, sourceOf } from "../model/pools.ts";
import type { EndpointsDesired } from "./desired.ts";
import type { EndpointsMemory } from "./memory.ts";

/**
 * Records the Nodes that the extension flow has not seen yet: of managed pools, and created after its last pass began.
 * The event of their machines may be lost: the cluster autoscaler adds them while the pool stays Succeeded.
 */
export function recordNewNodes(
  memory: EndpointsMemory,
  { nodes, exporters }: EndpointsObserved,
  { selection }: EndpointsDesired,
): EndpointsMemory {
  if (!exporters) return memory;
  const isNew = new Set(
    nodes
      .filter((node) => !node.isDeleting && sourceOf(poolOfNode(node), selection) === "managed")
      .filter(({ createdAt }) => createdAt > exporters.passedAt)
      .map(({ uid }) => uid),
  );
  const known = new Set(memory.requestedFor);
  const requestedFor = nodes.map(({ uid }) => uid).filter((uid) => known.has(uid) || isNew.has(uid));
  return { ...memory, requestedFor: requestedFor.toSorted() };
}

/** Returns the extension flow if a Node is new since the pass before. */
export function flowsForNewNodes(before: EndpointsMemory, after: EndpointsMemory): readonly string[] {
  const known = new Set(before.requestedFor);
  return after.requestedFor.some((uid) => !known.has(uid)) ? ["extension"] : [];
}
