import * as v from "valibot";
import type { ExtensionTag } from "./extension.ts";
import { type NodeName, nodeName, type ScaleSetId, scaleSetId } from "./ids.ts";
import { object } from "./schema.ts";
import type { EpochMs } from "./time.ts";

/** An extension in a scale set's model. ARM never returns its protected settings. */
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
  /** Undefined if the extension has no tag, or one that the app cannot parse. */
  readonly tag: ExtensionTag | undefined;
}

/** State of a long-running operation that the app started; `unknown` if ARM no longer has it. */
export interface OwnOperation {
  readonly state: "running" | "succeeded" | "failed" | "unknown";
  /** ARM's error message, without secrets. */
  readonly error?: string;
}

/** A scale set's model. It reaches an instance only when the instance is created, reimaged or upgraded. */
export interface ScaleSetModel {
  readonly id: ScaleSetId;
  readonly name: string;
  /** Tag `aks-managed-poolName`; a scale set without it does not belong to AKS. */
  readonly pool: string | undefined;
  readonly isWindows: boolean;
  readonly etag: string | undefined;
  readonly provisioningState: string;
  readonly upgradeMode: string;
  readonly orchestrationMode: string;
  /** The exact image in lower case, by its ID or publisher:offer:sku:version; undefined if it cannot be read. */
  readonly image: string | undefined;
  /** The VM size; undefined if it cannot be read. */
  readonly sku: string | undefined;
  readonly extensions: readonly ModelExtension[];
  /** Digest of the model, without its capacity and our extension: it changes when another writer changes the model. */
  readonly digest: string;
}

/** A scale set with its instances and, if memory has one, the app's last operation on it. */
export interface ScaleSet extends ScaleSetModel {
  readonly instances: readonly Instance[];
  readonly ownOperation: OwnOperation | undefined;
}

/** An extension in an instance view. */
export interface InstanceExtension {
  readonly name: string;
  readonly state: "succeeded" | "failed" | "transitioning";
  /** The handler's status message, redacted, because the handler prints the package's link when a download fails. */
  readonly message: string;
  readonly at: EpochMs | undefined;
  /** Undefined does not mean that there is no tag: not every api-version is known to return it. */
  readonly tag: ExtensionTag | undefined;
  /** The public settings with which it was applied; undefined if ARM does not return them. */
  readonly settings: unknown;
  /** The texts of its substatuses, redacted: the handler's log, which may be cut. */
  readonly logs: readonly string[];
}

export interface Instance {
  /** Instance id; ARM never reuses it, and a reimage keeps it. */
  readonly id: string;
  readonly vmId: string;
  readonly node: NodeName;
  readonly provisioningState: string;
  readonly isRunning: boolean;
  /** Whether the VM agent reports as ready; otherwise `extensions` is outdated or empty. */
  readonly agentReady: boolean;
  readonly latestModelApplied: boolean;
  readonly image: string | undefined;
  readonly sku: string | undefined;
  readonly protectedFromScaleSetActions: boolean;
  readonly extensions: readonly InstanceExtension[];
}

/** Fields of `InstanceRef`. */
export const INSTANCE_REF_FIELDS = { scaleSet: scaleSetId, id: v.string(), vmId: v.string(), node: nodeName };

const instanceRef = object(INSTANCE_REF_FIELDS);

/** Reference to an instance in actions, verdicts and memory; `vmId` distinguishes machines that had the same name. */
export type InstanceRef = v.InferOutput<typeof instanceRef>;
