import type { NodeName } from "./ids.ts";
import type { EpochMs } from "./time.ts";

/** A Windows node as the API server shows it. */
export interface WindowsNode {
  readonly name: NodeName;
  readonly uid: string;
  readonly createdAt: EpochMs;
  readonly isDeleting: boolean;
  /** The kubelet's own condition; `Unknown` when it went silent. */
  readonly ready: "True" | "False" | "Unknown";
  /** When that condition last changed. */
  readonly readySince: EpochMs;
  /** Label `kubernetes.azure.com/agentpool`. */
  readonly pool: string | undefined;
  /** Label `topology.kubernetes.io/zone`. */
  readonly zone: string | undefined;
  /** Addresses of type InternalIP, in the node's order. */
  readonly internalIps: readonly string[];
}

/** What the extension flow's memory says of one node's machine; read, never written. */
export interface ExporterStatus {
  readonly node: NodeName;
  /** When our extension was last seen succeeded on it. */
  readonly succeededAt: EpochMs | undefined;
  readonly isRunning: boolean;
}

/** The same for all nodes. */
export interface ExporterStatuses {
  /** By node name; a node that is not in it was in none of the lists. */
  readonly nodes: Readonly<Record<string, ExporterStatus>>;
  /** When the scale sets were last listed to the end: the earliest of them. */
  readonly listedAt: EpochMs;
}
