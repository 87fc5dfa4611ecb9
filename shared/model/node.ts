import * as v from "valibot";
import type { NodeName } from "./ids.ts";
import { epochMs, maybe, object } from "./schema.ts";
import { type EpochMs, MINUTE_MS } from "./time.ts";

/** The fields of a Windows node's Node object that the app reads. */
export interface WindowsNode {
  readonly name: NodeName;
  readonly uid: string;
  /**
   * `status.nodeInfo.bootID`: on Windows a counter, which a reimaged machine can repeat; undefined until the kubelet has
   * reported.
   */
  readonly bootId: string | undefined;
  readonly createdAt: EpochMs;
  readonly isDeleting: boolean;
  /** Status of the Ready condition; `Unknown` if the kubelet has stopped reporting. */
  readonly ready: "True" | "False" | "Unknown";
  /** `lastTransitionTime` of the Ready condition, undefined if it has none; without the condition, the Node's creation. */
  readonly readySince: EpochMs | undefined;
  /** Label `kubernetes.azure.com/agentpool`. */
  readonly pool: string | undefined;
  /** Label `topology.kubernetes.io/zone`. */
  readonly zone: string | undefined;
  /** Addresses of type InternalIP, in the order of `status.addresses`. */
  readonly internalIps: readonly string[];
}

/** A Windows node whose Node object the app cannot read; the problem names every invalid field. */
export interface UnreadableNode {
  readonly name: NodeName;
  readonly problem: string;
}

/** The Windows nodes of a cluster. A node is gone only if it is in neither list. */
export interface WindowsNodes {
  readonly nodes: readonly WindowsNode[];
  readonly unreadable: readonly UnreadableNode[];
}

/** Schema of `NodeFact`. */
export const storedNodeFact = object({
  uid: v.string(),
  bootId: maybe(v.string()),
  createdAt: epochMs,
  ready: v.picklist(["True", "False", "Unknown"]),
  readySince: maybe(epochMs),
});

/** What the endpoints flow last saw of one Windows node; the extension flow only reads it. */
export type NodeFact = v.InferOutput<typeof storedNodeFact>;

/** The facts of all Windows nodes of a cluster, from one complete list. */
export interface NodeFacts {
  /** By node name. */
  readonly nodes: ReadonlyMap<string, NodeFact>;
  /** When the pass began that listed them. */
  readonly seenAt: EpochMs;
}

/** Facts that are older say nothing about a node: the endpoints flow writes at least every five minutes. */
const FRESH_FOR_MS = 15 * MINUTE_MS;

/** Returns node facts, undefined if they are too old. */
export function freshFacts(facts: NodeFacts | undefined, now: EpochMs): NodeFacts | undefined {
  return facts && now - facts.seenAt <= FRESH_FOR_MS ? facts : undefined;
}

/** What the extension flow's memory knows about one node's instance; the endpoints flow only reads it. */
export interface ExporterStatus {
  readonly node: NodeName;
  /** When our extension was last observed as succeeded on it. */
  readonly succeededAt: EpochMs | undefined;
  readonly isRunning: boolean;
}

/** The exporter statuses of all nodes of a cluster. */
export interface ExporterStatuses {
  /** By node name; a node without an entry is in no scale set that was listed. */
  readonly nodes: ReadonlyMap<string, ExporterStatus>;
  /** When the last pass of the extension flow began that wrote its memory. */
  readonly passedAt: EpochMs;
  /** When every scale set had been listed completely; the earliest of their last complete lists. */
  readonly listedAt: EpochMs;
}
