import type { NodeName } from "./ids.ts";

/** The Service that the objects belong to, and the name of the Endpoints object. */
export const SERVICE_NAME = "windows-exporter";
/** Field manager of every apply, and `managed-by` of every slice. */
export const MANAGER = "aks-windows-metrics";
/** Label that tells this app's objects from another copy's; its value is the owner. */
export const OWNER_LABEL = "aks-windows-metrics/app";
/** Annotation of the Service that pauses writes in its cluster. */
export const PAUSED_ANNOTATION = "aks-windows-metrics/paused";
/** Label of the Endpoints object without which the mirroring controller doubles every target (KEP-0752). */
export const SKIP_MIRROR_LABEL = "endpointslice.kubernetes.io/skip-mirror";
/** Name of the one port. */
export const PORT_NAME = "metrics";
/** Own slices have fixed names, so that RBAC can name them: `windows-exporter-0` … `-63`. */
export const SLICE_NAMES: readonly string[] = Array.from({ length: 64 }, (_, index) => `${SERVICE_NAME}-${index}`);
/** Small slices cost Prometheus less at every change; the API server takes 1,000. */
export const ENDPOINTS_PER_SLICE = 100;

/** Who installs the exporter of a pool, and with it the port: this app, AKS itself, or somebody else. */
export type ScrapeSource = "managed" | "native" | "external" | "off";

export type AddressFamily = "IPv4" | "IPv6";

/** One published address; `ready` says that an exporter was proved behind it once, not that the node is well. */
export interface NodeEndpoint {
  readonly node: NodeName;
  readonly uid: string;
  readonly address: string;
  readonly port: number;
  readonly ready: boolean;
  /** Slices only: v1 Endpoints has none. */
  readonly zone: string | undefined;
}

/** An EndpointSlice of our Service, whoever made it. */
export interface EndpointSlice {
  readonly name: string;
  readonly addressType: string;
  /** Undefined: none, or more than one. */
  readonly port: number | undefined;
  /** Undefined where its endpoints are not in the form that this app writes: another one's, or edited. */
  readonly endpoints: readonly NodeEndpoint[] | undefined;
  readonly resourceVersion: string;
  /** Value of the owner label. */
  readonly owner: string | undefined;
  readonly managedBy: string | undefined;
  /** Whether its ownerReference names this uid of the Service. */
  readonly serviceUid: string | undefined;
}

/** The v1 Endpoints object: one subset per port, ports ascending. */
export interface Endpoints {
  /** Undefined where they are not in the form that this app writes. */
  readonly endpoints: readonly NodeEndpoint[] | undefined;
  readonly resourceVersion: string;
  readonly owner: string | undefined;
  /** Whether this app's field manager owns `subsets`. */
  readonly isManaged: boolean;
  readonly skipsMirroring: boolean;
}

/** The Service without a selector; a manifest makes it, not the app. */
export interface Service {
  readonly uid: string;
  readonly hasSelector: boolean;
  readonly primaryFamily: AddressFamily;
  readonly isPaused: boolean;
}

/** A slice as it should be; `resourceVersion` is the one that was read, undefined where there is none yet. */
export interface DesiredSlice {
  readonly name: string;
  readonly addressType: AddressFamily;
  readonly port: number;
  readonly endpoints: readonly NodeEndpoint[];
  readonly serviceUid: string;
  readonly owner: string;
  readonly resourceVersion: string | undefined;
}

/** The Endpoints object as it should be. */
export interface DesiredEndpoints {
  readonly endpoints: readonly NodeEndpoint[];
  readonly owner: string;
  readonly resourceVersion: string | undefined;
}
