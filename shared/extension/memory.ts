import * as v from "valibot";
import { EMPTY_FLOW_MEMORY, FLOW_MEMORY_FIELDS } from "../model/flow.ts";
import type { ExporterStatuses } from "../model/node.ts";
import { storedPackage } from "../model/package.ts";
import { byId, count, epochMs, list, maybe, parserOf } from "../model/schema.ts";
import { batch, harm } from "./batch-memory.ts";
import { backOff, operation, puts, unreadable } from "./call-memory.ts";
import { instance } from "./instance-memory.ts";
import { heldMarker, packageHold, trial, uninstall } from "./marker-memory.ts";

const storedTag = v.object({
  marker: v.string(),
  owner: v.string(),
  linkExpiresAt: v.union([epochMs, v.literal("none")]),
  try: count,
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
