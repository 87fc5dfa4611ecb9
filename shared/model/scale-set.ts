import type { ExtensionTag } from "./extension.ts";
import type { NodeName, ScaleSetId } from "./ids.ts";
import type { EpochMs } from "./time.ts";

/** An extension in a scale set's model; ARM never returns its protected settings. */
export interface ModelExtension {
  readonly name: string;
  readonly publisher: string;
  readonly type: string;
  readonly typeHandlerVersion: string;
  readonly autoUpgradeMinorVersion: boolean;
  readonly enableAutomaticUpgrade: boolean;
  readonly suppressFailures: boolean;
  readonly provisionAfterExtensions: readonly string[];
  readonly settings: unknown;
  /** Undefined where there is none, or none that can be read. */
  readonly tag: ExtensionTag | undefined;
}

/** How a long-running operation of ours stands; `unknown` where ARM no longer knows it. */
export interface OwnOperation {
  readonly state: "running" | "succeeded" | "failed" | "unknown";
  /** ARM's words about a failure, without secrets. */
  readonly error?: string;
}

/** What the scale set's model says: it reaches an instance only when that is made, reimaged or upgraded. */
export interface ScaleSetModel {
  readonly id: ScaleSetId;
  readonly name: string;
  /** Tag `aks-managed-poolName`; a set without it is not AKS's. */
  readonly pool: string | undefined;
  readonly isWindows: boolean;
  readonly etag: string | undefined;
  readonly provisioningState: string;
  readonly upgradeMode: string;
  readonly orchestrationMode: string;
  /** One lower-case text per image: its id, else publisher:offer:sku:version. */
  readonly image: string;
  readonly sku: string;
  readonly extensions: readonly ModelExtension[];
}

/** A scale set with its instances, and how our last operation on it stands, where memory names one. */
export interface ScaleSet extends ScaleSetModel {
  readonly instances: readonly Instance[];
  readonly ownOperation: OwnOperation | undefined;
}

/** An extension as the instance's own view shows it. */
export interface InstanceExtension {
  readonly name: string;
  readonly state: "succeeded" | "failed" | "transitioning";
  /** The handler's words, without secrets: it prints the package's link when a download fails. */
  readonly message: string;
  readonly at: EpochMs | undefined;
  /** Whether a view shows it is not known for every api-version; undefined says nothing. */
  readonly tag: ExtensionTag | undefined;
}

export interface Instance {
  /** ARM's number in the set; never used again, and kept when the instance is reimaged. */
  readonly id: string;
  readonly vmId: string;
  readonly node: NodeName;
  readonly provisioningState: string;
  readonly isRunning: boolean;
  /** Whether the VM agent answers; without it the view of the extensions is old or empty. */
  readonly agentReady: boolean;
  readonly latestModelApplied: boolean;
  readonly image: string;
  readonly sku: string;
  readonly protectedFromScaleSetActions: boolean;
  readonly extensions: readonly InstanceExtension[];
}

/** Names one instance in actions, verdicts and memory; `vmId` tells a reused name apart. */
export interface InstanceRef {
  readonly scaleSet: ScaleSetId;
  readonly id: string;
  readonly vmId: string;
  readonly node: NodeName;
}
