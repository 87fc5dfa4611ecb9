import { EMPTY_FLOW_MEMORY, type FlowMemory } from "../model/flow.ts";
import type { NodeName } from "../model/ids.ts";
import { isRecord } from "../model/json.ts";
import type { ExporterStatuses } from "../model/node.ts";
import type { Package, PackageHash } from "../model/package.ts";
import type { EpochMs } from "../model/time.ts";

/**
 * What ARM, the cluster and the package store cannot tell. Losing it is never harmful: it costs repeated,
 * idempotent steps.
 */
export interface ExtensionMemory extends FlowMemory {
  readonly schema: 1;
  /** Where the scale sets are: events name it, not the cluster. */
  readonly nodeResourceGroup: string | undefined;
  /** The last manifest that was valid; it stands while the present one is not. */
  readonly package: Package | undefined;
  /** Passes in a row that found AKS at work: how long the next wait is. */
  readonly busyPasses: number;
  /** By scale set id. */
  readonly scaleSets: Readonly<Record<string, ScaleSetMemory>>;
}

export interface ScaleSetMemory {
  /** When its instances were last listed to the end. */
  readonly listedAt: EpochMs;
  /** Our operation that runs, or ran last. */
  readonly operation: OperationMemory | undefined;
  /** Since when cluster, pool or set has been Failed or Canceled. */
  readonly failedSince: EpochMs | undefined;
  /** The marker with which the whole pool once was current: putting it back needs no canary. */
  readonly provenMarker: string | undefined;
  /** When the link in the model was signed. */
  readonly linkIssuedAt: EpochMs | undefined;
  /** Whose extension was last seen in the model, where it was not this app's. */
  readonly otherOwner: { readonly owner: string; readonly seenAt: EpochMs } | undefined;
  /** Instances of the last batch, by vmId: the next one waits for them. */
  readonly lastBatch: readonly string[];
  /** A write that was refused or failed, until when it is not tried again. */
  readonly backOff: BackOff | undefined;
  /** By vmId. */
  readonly instances: Readonly<Record<string, InstanceMemory>>;
}

export interface OperationMemory {
  readonly kind: "put-extension" | "upgrade-instances";
  readonly submittedAt: EpochMs;
  readonly marker: string | undefined;
  /** vmIds of the instances that an upgrade names. */
  readonly instances: readonly string[];
  /** The SDK's serialized poller: an address, no secret. */
  readonly poller: string;
  readonly state: "running" | "succeeded" | "failed" | "unknown";
  /** When it was first seen to have ended. */
  readonly endedAt: EpochMs | undefined;
}

export interface BackOff {
  readonly reason: "denied" | "throttled" | "write-failed";
  readonly until: EpochMs;
  /** Attempts in a row that failed. */
  readonly attempts: number;
  /** What was to be written: another body is tried at once. */
  readonly key: string;
  readonly message: string;
}

export interface InstanceMemory {
  readonly node: NodeName;
  /** The marker that it was last seen to carry. */
  readonly marker: string | undefined;
  /** When it was last seen to carry it. */
  readonly markerAt: EpochMs | undefined;
  /** The marker under which our extension was last seen to fail. */
  readonly failedMarker: string | undefined;
  /** Whether its view showed our extension. */
  readonly hadExtension: boolean;
  /** When our extension was last seen succeeded: proof of an exporter for the endpoints flow. */
  readonly succeededAt: EpochMs | undefined;
  readonly isRunning: boolean;
  /** Our upgrades of it to `marker`, and whether one Succeeded. */
  readonly attempts: Attempts | undefined;
}

export interface Attempts {
  readonly marker: string;
  readonly count: number;
  readonly lastAt: EpochMs;
  readonly succeeded: boolean;
}

/** A memory that knows nothing: at the start, and after a loss. */
export const EMPTY_MEMORY: ExtensionMemory = {
  ...EMPTY_FLOW_MEMORY,
  schema: 1,
  nodeResourceGroup: undefined,
  package: undefined,
  busyPasses: 0,
  scaleSets: {},
};

/** What is known of a scale set that was not seen before. */
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

/** Whether a stored value is a memory of this schema; another schema's is as good as lost. */
export function isMemory(value: unknown): value is ExtensionMemory {
  return isRecord(value) && value["schema"] === 1 && isRecord(value["scaleSets"]) && isRecord(value["since"]);
}

/** The packages that memory names, for the pass to look at. */
export function rememberedPackages(memory: ExtensionMemory): readonly PackageHash[] {
  return memory.package ? [memory.package.hash] : [];
}

/** What is known of an instance that was not seen before. */
export const UNSEEN: Omit<InstanceMemory, "node"> = {
  marker: undefined,
  markerAt: undefined,
  failedMarker: undefined,
  hadExtension: false,
  succeededAt: undefined,
  isRunning: true,
  attempts: undefined,
};

/** What the endpoints flow reads of this memory; undefined where no scale set was ever listed. */
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
