import * as v from "valibot";
import { nodeName } from "../model/ids.ts";
import { storedNodeFact } from "../model/node.ts";
import { epochMs, list, maybe } from "../model/schema.ts";

/** Schema of what an upgrade did to a node, once that is known. */
const result = v.picklist(["unharmed", "harmed", "gone", "unjudged"]);

const member = v.object({
  vmId: v.string(),
  node: nodeName,
  /** Its Node before the upgrade, if the endpoints flow knew it. */
  before: maybe(storedNodeFact),
  result: maybe(result),
});

/** The instances of one upgrade, until it is known what it did to each. */
export const batch = v.object({
  marker: v.string(),
  /** When the pass began that submitted it. */
  submittedAt: epochMs,
  /** Whether ARM answered that it accepted the upgrade. */
  isAccepted: v.boolean(),
  /** When a pass first saw that its operation had ended. */
  endedAt: maybe(epochMs),
  /** Whether it is known how the operation ended. */
  isEndKnown: v.optional(v.boolean(), false),
  members: list(member),
});

/** Nodes that an upgrade interrupted: the pool gets no further one, until AKS has brought it another image or version. */
export const harm = v.object({
  marker: v.string(),
  since: epochMs,
  nodes: list(nodeName),
  /** The image and the Kubernetes version of the pool at that time. */
  image: maybe(v.string()),
  version: maybe(v.string()),
});

export type BatchMemory = v.InferOutput<typeof batch>;
export type BatchMember = v.InferOutput<typeof member>;
export type BatchResult = v.InferOutput<typeof result>;
export type Harm = v.InferOutput<typeof harm>;
