import type { NodeName } from "./ids.ts";
import type { EpochMs } from "./time.ts";

/** The fields of a Windows node's Node object that the app reads. */
export interface WindowsNode {
  readonly name: NodeName;
  readonly uid: string;
  readonly createdAt: EpochMs;
  readonly isDeleting: boolean;
  /** Status of the Ready condition; `Unknown` if the kubelet has stopped reporting. */
  readonly ready: "True" | "False" | "Unknown";
  /** `lastTransitionTime` of the Ready condition, else the creation of the Node. */
  readonly readySince: EpochMs;
  /** Label `kubernetes.azure.com/agentpool`. */
  readonly pool: string | undefined;
  /** Label `topology.kubernetes.io/zone`. */
  readonly zone: string | undefined;
  /** Addresses of type InternalIP, in the order of `status.addresses`. */
  readonly internalIps: readonly string[];
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
  /** When every scale set had been listed completely; the earliest of their last complete lists. */
  readonly listedAt: EpochMs;
}
