import * as v from "valibot";
import { EMPTY_FLOW_MEMORY, FLOW_MEMORY_FIELDS } from "../model/flow.ts";
import { nodeName } from "../model/ids.ts";
import type { ExporterStatuses } from "../model/node.ts";
import { storedPackage } from "../model/package.ts";
import { byId, count, epochMs, list, maybe, parserOf } from "../model/schema.ts";
import { batch, harm } from "./batch-memory.ts";
import { backOff, operation, puts, unreadable } from "./call-memory.ts";
import { heldMarker, packageHold, trial, uninstall } from "./marker-memory.ts";

const storedTag = v.object({
  marker: v.string(),
  owner: v.string(),
  linkExpiresAt: v.union([epochMs, v.literal("none")]),
  try: count,
});

const attempts = v.object({
  marker: v.string(),
  /** The try of the last one; if that is not known, the model's when the failure was first seen. */
  try: v.optional(count, 0),
  /** A failure of an unknown try counts against no package. */
  isTryKnown: v.optional(v.boolean(), false),
  count,
  lastAt: epochMs,
  succeeded: v.boolean(),
  /** When a pass first saw that the last one failed. */
  failedAt: maybe(epochMs),
  /** If they remove the exporter: when a pass first saw that one failed, had no effect or did not end. */
  failingSince: maybe(epochMs),
  /** Whether the last one was made early, because another instance had succeeded after a failed download. */
  isEarly: v.optional(v.boolean(), false),
});

const instance = v.object({
  node: nodeName,
  /** The marker that it last carried. */
  marker: maybe(v.string()),
  /** When that was last observed. */
  markerAt: maybe(epochMs),
  /** The tag of the model with which it was created or reimaged, if it is known. */
  provisioned: maybe(v.object({ marker: v.string(), try: count })),
  /** The marker with which our extension last failed. */
  failedMarker: maybe(v.string()),
  /** Whether its instance view has contained our extension since the instance was created or reimaged. */
  hadExtension: v.boolean(),
  /** When our extension was last observed as succeeded; tells the endpoints flow that the node has an exporter. */
  succeededAt: maybe(epochMs),
  isRunning: v.boolean(),
  /** The first of the consecutive passes that saw it running without a success since it was created or reimaged. */
  unprovenSince: maybe(epochMs),
  /** The first of the consecutive passes that saw our extension transitioning, or our upgrade of it running. */
  installingSince: maybe(epochMs),
  /** The first of the consecutive passes that saw our extension as succeeded. */
  succeededSince: maybe(epochMs),
  /** A resync asked for an attempt after this try of the model, and it has not been made yet. */
  retryAfterTry: maybe(count),
  /** The attempts to install `marker` on it, that of its provisioning included, and whether one succeeded. */
  attempts: maybe(attempts),
});

const scaleSet = v.object({
  pool: maybe(v.string()),
  /** When the list of its instances was last read completely. */
  listedAt: epochMs,
  /** Our running or last operation. */
  operation: maybe(operation),
  /** Since when an operation of AKS has been in progress on cluster or pool. */
  busySince: maybe(epochMs),
  /** Digest of the model, without its capacity and our extension. */
  modelDigest: maybe(v.string()),
  /** When a pass last saw that AKS had worked on the pool. */
  aksWorkedAt: maybe(epochMs),
  /** The ETag of the scale set, and when a pass last saw that it had changed without an operation of this app. */
  etag: maybe(v.string()),
  writtenAt: maybe(epochMs),
  /** The last operation of AKS that a pass saw, for the timeline: `pool win1 is Upgrading`. */
  aksOperation: maybe(v.object({ text: v.string(), at: epochMs })),
  /** Whether the last pass saw our extension in the model. */
  hasExtension: v.optional(v.boolean(), false),
  /** Since when nodes of the pool have run without a proven exporter, and the sum of their times until they had one. */
  blind: maybe(v.object({ since: epochMs, ms: v.number(), nodes: count })),
  /** Since when cluster, pool or scale set has been Failed or Canceled. */
  failedSince: maybe(epochMs),
  /** When the link in the model was signed. */
  linkIssuedAt: maybe(epochMs),
  /** The last tag of our extension in the model. */
  lastTag: maybe(storedTag),
  /** The last owner of our extension in the model other than this app. */
  otherOwner: maybe(v.object({ owner: v.string(), seenAt: epochMs })),
  /** The owner whose extension in the model the app is about to take over, once. */
  adopting: maybe(v.string()),
  /** The last batch, as long as it is not known what it did to each node; the next one waits for that. */
  batch: maybe(batch),
  /** When the last batch was submitted that is known to have left a node unharmed. */
  unharmedAt: maybe(epochMs),
  harm: maybe(harm),
  uninstall: maybe(uninstall),
  packageHold: maybe(packageHold),
  /** The Kubernetes version of the pool. */
  poolVersion: maybe(v.string()),
  /** The last refused or failed write, and until when it is not retried. */
  backOff: maybe(backOff),
  /** The last writes of the model, renewals of the link apart. */
  puts: maybe(puts),
  /** Set while the list of its instances cannot be read. */
  unreadable: maybe(unreadable),
  /** By vmId. */
  instances: byId(instance),
});

const extensionMemory = v.object({
  ...FLOW_MEMORY_FIELDS,
  schema: v.literal(1),
  /** The resource group of the scale sets; events contain it instead of the cluster. */
  nodeResourceGroup: maybe(v.string()),
  /** The package of the last valid manifest, used while the manifest is missing or invalid. */
  package: maybe(storedPackage),
  /** Owners whose extensions the app has taken over: their tags on instances no longer refuse anything. */
  adopted: v.optional(list(v.string()), []),
  /** No instance is upgraded before that: the memory before was lost. */
  upgradesFrom: maybe(epochMs),
  /** The last packages that are proven in this cluster, oldest first. Naming one of them again needs no canary. */
  proven: v.optional(list(storedPackage), []),
  /** Set while the package that is named is new. */
  trial: maybe(trial),
  held: maybe(heldMarker),
  /** Whether an instance of this cluster has ever shown the evidence of a run. */
  showsEvidence: v.optional(v.boolean(), false),
  /** How many passes in a row observed an operation of AKS; determines the next wait. */
  busyPasses: count,
  /** By scale set ID. */
  scaleSets: byId(scaleSet),
});

/**
 * What the extension flow cannot read from ARM, the cluster or the package store. A loss of it is harmless: the app
 * only repeats idempotent steps.
 */
export type ExtensionMemory = v.InferOutput<typeof extensionMemory>;
export type ScaleSetMemory = v.InferOutput<typeof scaleSet>;
export type InstanceMemory = v.InferOutput<typeof instance>;
export type Attempts = v.InferOutput<typeof attempts>;

/** Returns a stored memory; undefined if it does not have this version's schema. */
export const parseExtensionMemory = parserOf(extensionMemory);

/** The memory at the start and after a loss. */
export const EMPTY_MEMORY: ExtensionMemory = {
  ...EMPTY_FLOW_MEMORY,
  schema: 1,
  nodeResourceGroup: undefined,
  package: undefined,
  adopted: [],
  upgradesFrom: undefined,
  proven: [],
  trial: undefined,
  held: undefined,
  showsEvidence: false,
  busyPasses: 0,
  scaleSets: {},
};

/** The memory of a scale set that no pass has observed yet. */
export const EMPTY_SCALE_SET: ScaleSetMemory = {
  pool: undefined,
  listedAt: 0,
  operation: undefined,
  busySince: undefined,
  modelDigest: undefined,
  aksWorkedAt: undefined,
  etag: undefined,
  writtenAt: undefined,
  aksOperation: undefined,
  hasExtension: false,
  blind: undefined,
  failedSince: undefined,
  linkIssuedAt: undefined,
  lastTag: undefined,
  otherOwner: undefined,
  adopting: undefined,
  batch: undefined,
  unharmedAt: undefined,
  harm: undefined,
  uninstall: undefined,
  packageHold: undefined,
  poolVersion: undefined,
  backOff: undefined,
  puts: undefined,
  unreadable: undefined,
  instances: {},
};

/** The memory of an instance that no pass has observed yet. */
export const EMPTY_INSTANCE: Omit<InstanceMemory, "node"> = {
  marker: undefined,
  markerAt: undefined,
  provisioned: undefined,
  failedMarker: undefined,
  hadExtension: false,
  succeededAt: undefined,
  isRunning: true,
  unprovenSince: undefined,
  installingSince: undefined,
  succeededSince: undefined,
  retryAfterTry: undefined,
  attempts: undefined,
};

/** Returns what the endpoints flow needs from this memory; undefined if no scale set is in it. */
export function exporterStatuses({ scaleSets, startedAt }: ExtensionMemory): ExporterStatuses | undefined {
  const sets = Object.values(scaleSets);
  if (sets.length === 0) return undefined;
  const nodes = sets.flatMap(({ instances }) => Object.values(instances));
  return {
    nodes: new Map(nodes.map(({ node, succeededAt, isRunning }) => [node, { node, succeededAt, isRunning }])),
    passedAt: startedAt,
    listedAt: Math.min(...sets.map(({ listedAt }) => listedAt)),
  };
}
