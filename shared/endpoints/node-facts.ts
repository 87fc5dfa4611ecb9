import type * as v from "valibot";
import { type NodeFact, storedNodeFact, type WindowsNode } from "../model/node.ts";
import { byId, epochMs, object } from "../model/schema.ts";
import type { EpochMs } from "../model/time.ts";

/** Schema of the facts of all Windows nodes, by node name, and of when the pass began that listed them. */
export const storedNodeFacts = object({ seenAt: epochMs, nodes: byId(storedNodeFact) });

/** Returns what memory keeps of a complete list of the Windows nodes. */
export function toNodeFacts(nodes: readonly WindowsNode[], seenAt: EpochMs): v.InferOutput<typeof storedNodeFacts> {
  const facts = nodes.map(({ name, uid, bootId, createdAt, ready, readySince }): readonly [string, NodeFact] => {
    return [name, { uid, bootId, createdAt, ready, readySince }];
  });
  return { seenAt, nodes: Object.fromEntries(facts) };
}
