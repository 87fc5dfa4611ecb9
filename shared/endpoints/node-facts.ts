import * as v from "valibot";
import type { NodeFact, WindowsNode } from "../model/node.ts";
import { byId, epochMs, maybe, object } from "../model/schema.ts";
import type { EpochMs } from "../model/time.ts";

const nodeFact = object({
  uid: v.string(),
  bootId: maybe(v.string()),
  createdAt: epochMs,
  ready: v.picklist(["True", "False", "Unknown"]),
  readySince: maybe(epochMs),
});

/** Schema of the facts of all Windows nodes, by node name, and of when the pass began that listed them. */
export const storedNodeFacts = object({ seenAt: epochMs, nodes: byId(nodeFact) });

/** Returns what memory keeps of a complete list of the Windows nodes. */
export function toNodeFacts(nodes: readonly WindowsNode[], seenAt: EpochMs): v.InferOutput<typeof storedNodeFacts> {
  const facts = nodes.map(({ name, uid, bootId, createdAt, ready, readySince }): readonly [string, NodeFact] => {
    return [name, { uid, bootId, createdAt, ready, readySince }];
  });
  return { seenAt, nodes: Object.fromEntries(facts) };
}
