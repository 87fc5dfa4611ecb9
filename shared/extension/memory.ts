import { EMPTY_FLOW_MEMORY, type FlowMemory } from "../model/flow.ts";
import type { NodeName } from "../model/ids.ts";
import { isRecord } from "../model/json.ts";
import type { ExporterStatuses } from "../model/node.ts";
import type { Package, PackageHash } from "../model/package.ts";
import type { EpochMs } from "../model/time.ts";

/**
 * What the extension flow cannot read from ARM, the cluster or the package store. A loss of it is harmless: the app
 * only repeats idempotent steps.
 */
export interface ExtensionMemory extends FlowMemory {
  readonly schema: 1;
  /** The resource group of the scale sets; events contain it instead of the cluster. */
  readonly nodeResourceGroup: string | undefined;
  /** The package of the last valid manifest, used while the manifest is missing or invalid. */
  readonly package: Package | undefined;
  /** How many passes in a row observed an operation of AKS; determines the next wait. */
  readonly busyPasses: number;
  /** By scale set ID. */
  readonly scaleSets: Readonly<Record<string, ScaleSetMemory>>;
}

export interface ScaleSetMemory {
  /** When the list of its instances was last read completely. */
  readonly listedAt: EpochMs;
  /** Our running or last operation. */
  readonly operation: OperationMemory | undefined;
  /** Since when cluster, pool or scale set has been Failed or Canceled. */
  readonly failedSince: EpochMs | undefined;
  /** The last marker with which the whole pool was current; restoring it needs no canary. */
  readonly provenMarker: string | undefined;
  /** When the link in the model was signed. */
  readonly linkIssuedAt: EpochMs | undefined;
  /** The last owner of our extension in the model other than this app. */
  readonly otherOwner: { readonly owner: string; readonly seenAt: EpochMs } | undefined;
  /** The vmIds of the last batch; the next batch waits for them. */
  readonly lastBatch: readonly string[];
  /** The last refused or failed write, and until when it is not retried. */
  readonly backOff: BackOff | undefined;
  /** By vmId. */
  readonly instances: Readonly<Record<string, InstanceMemory>>;
}

export interface OperationMemory {
  readonly kind: "put-extension" | "upgrade-instances";
  readonly submittedAt: EpochMs;
  readonly marker: string | undefined;
  /** The vmIds of the instances that an upgrade includes. */
  readonly instances: readonly string[];
  /** The SDK's serialized poller: a URL without a secret. */
  readonly poller: string;
  readonly state: "running" | "succeeded" | "failed" | "unknown";
  /** When a pass first observed that it had ended. */
  readonly endedAt: EpochMs | undefined;
}

export interface BackOff {
  readonly reason: "denied" | "throttled" | "write-failed";
  readonly until: EpochMs;
  /** How many attempts in a row have failed. */
  readonly attempts: number;
  /** Identifies the request; a request with another body is not held. */
  readonly key: string;
  readonly message: string;
}

export interface InstanceMemory {
  readonly node: NodeName;
  /** The marker that it last carried. */
  readonly marker: string | undefined;
  /** When that was last observed. */
  readonly markerAt: EpochMs | undefined;
  /** The marker with which our extension last failed. */
  readonly failedMarker: string | undefined;
  /** Whether its instance view has contained our extension since the instance was created or reimaged. */
  readonly hadExtension: boolean;
  /** When our extension was last observed as succeeded; tells the endpoints flow that the node has an exporter. */
  readonly succeededAt: EpochMs | undefined;
  readonly isRunning: boolean;
  /** Our upgrades of it to `marker`, and whether one succeeded. */
  readonly attempts: Attempts | undefined;
}

export interface Attempts {
  readonly marker: string;
  readonly count: number;
  readonly lastAt: EpochMs;
  readonly succeeded: boolean;
}

/** The memory at the start and after a loss. */
export const EMPTY_MEMORY: ExtensionMemory = {
  ...EMPTY_FLOW_MEMORY,
  schema: 1,
  nodeResourceGroup: undefined,
  package: undefined,
  busyPasses: 0,
  scaleSets: {},
};

/** The memory of a scale set that no pass has observed yet. */
export const EMPTY_SCALE_SET: ScaleSetMemory = {
  listedAt: 0,
  operation: undefined,
  failedSince: undefined,
  provenMarker: undefined,
  linkIssuedAt: undefined,
  otherOwner: undefined,
  lastBatch: [],
  backOff: undefined,
  instances: {},
};

/** Returns whether a stored value is a memory of this schema. A memory of another schema is treated as missing. */
export function isMemory(value: unknown): value is ExtensionMemory {
  return isRecord(value) && value["schema"] === 1 && isRecord(value["scaleSets"]) && isRecord(value["since"]);
}

/** Returns the packages in memory, which the pass checks. */
export function rememberedPackages(memory: ExtensionMemory): readonly PackageHash[] {
  return memory.package ? [memory.package.hash] : [];
}

/** The memory of an instance that no pass has observed yet. */
export const EMPTY_INSTANCE: Omit<InstanceMemory, "node"> = {
  marker: undefined,
  markerAt: undefined,
  failedMarker: undefined,
  hadExtension: false,
  succeededAt: undefined,
  isRunning: true,
  attempts: undefined,
};

/** Returns what the endpoints flow needs from this memory; undefined if no scale set is in it. */
export function exporterStatuses({ scaleSets }: ExtensionMemory): ExporterStatuses | undefined {
  const sets = Object.values(scaleSets);
  if (sets.length === 0) return undefined;
  const nodes = sets.flatMap(({ instances }) => Object.values(instances));
  return {
    nodes: Object.fromEntries(
      nodes.map(({ node, succeededAt, isRunning }) => [node, { node, succeededAt, isRunning }]),
    ),
    listedAt: Math.min(...sets.map(({ listedAt }) => listedAt)),
  };
}
