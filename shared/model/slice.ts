import type { NodeName } from "./ids.ts";

/** Name of the Service and of its Endpoints object. */
export const SERVICE_NAME = "windows-exporter";
/** Value of the `managed-by` label of every slice. */
export const MANAGED_BY = "aks-windows-metrics";
/** Field manager of earlier builds, whatever their owner. */
export const FORMER_FIELD_MANAGER = "aks-windows-metrics";
/** Label with the owner, which distinguishes the objects of several copies of the app in one cluster. */
export const OWNER_LABEL = "aks-windows-metrics/app";
/**
 * Returns the field manager of an owner. Each owner has its own, so that the API server refuses what two copies of the
 * app would both write.
 */
export function fieldManagerOf(owner: string): string {
  return `${MANAGED_BY}-${owner}`;
}

/** Returns whether a field manager is one of a copy of the app. */
export function isFieldManagerOfApp(manager: string): boolean {
  return manager === FORMER_FIELD_MANAGER || manager.startsWith(`${MANAGED_BY}-`);
}

/** Annotation of the Service that pauses the endpoints flow's writes in the cluster. */
export const PAUSED_ANNOTATION = "aks-windows-metrics/paused";
/**
 * Label that keeps the EndpointSlice mirroring controller from copying the Endpoints object, which would duplicate
 * every target (KEP-0752).
 */
export const SKIP_MIRROR_LABEL = "endpointslice.kubernetes.io/skip-mirror";
/** Name of the port in every object. */
export const PORT_NAME = "metrics";
/**
 * Names of the app's slices, `windows-exporter-0` … `-63`; they are fixed so that RBAC can list them in
 * `resourceNames`.
 */
export const SLICE_NAMES: readonly string[] = Array.from({ length: 64 }, (_, index) => `${SERVICE_NAME}-${index}`);
/** Most endpoints per slice. The API server accepts 1,000, but with small slices each change costs Prometheus less. */
export const ENDPOINTS_PER_SLICE = 100;

/** The values of SCRAPE_SOURCES. */
export const SCRAPE_SOURCES = ["managed", "native", "external", "off"] as const;

/**
 * What installs the exporter of a pool, which also decides its port: this app (`managed`), AKS (`native`) or another
 * tool (`external`).
 */
export type ScrapeSource = (typeof SCRAPE_SOURCES)[number];

export type AddressFamily = "IPv4" | "IPv6";

/** A published endpoint of a node. `ready` means that its exporter is proven, not that the node is Ready. */
export interface NodeEndpoint {
  readonly node: NodeName;
  readonly uid: string;
  readonly address: string;
  readonly port: number;
  readonly ready: boolean;
  /** Only in slices: v1 Endpoints has no zone. */
  readonly zone: string | undefined;
}

/** An EndpointSlice of the Service, created by this app or by another controller. */
export interface EndpointSlice {
  readonly name: string;
  readonly addressType: string;
  /** Undefined if the slice has no port or more than one. */
  readonly port: number | undefined;
  /** Undefined if any endpoint is not in the form that this app writes. */
  readonly endpoints: readonly NodeEndpoint[] | undefined;
  readonly resourceVersion: string;
  /** Value of the owner label. */
  readonly owner: string | undefined;
  readonly managedBy: string | undefined;
  /** Uid of the Service in its ownerReference. */
  readonly serviceUid: string | undefined;
  /** Whether the field manager of earlier builds owns some of its fields. */
  readonly hasFormerManager: boolean;
}

/** The v1 Endpoints object: one subset per port, by ascending port. */
export interface Endpoints {
  /** Undefined if the subsets are not in the form that this app writes. */
  readonly endpoints: readonly NodeEndpoint[] | undefined;
  readonly resourceVersion: string;
  readonly owner: string | undefined;
  /** Whether the field manager of its owner, or that of earlier builds, owns `subsets`. */
  readonly isManaged: boolean;
  /** As in `EndpointSlice`. */
  readonly hasFormerManager: boolean;
  readonly skipsMirroring: boolean;
}

/** The Service, which a manifest creates without a selector. */
export interface Service {
  readonly uid: string;
  readonly hasSelector: boolean;
  readonly primaryFamily: AddressFamily;
  readonly isPaused: boolean;
}

/**
 * A slice to apply. `resourceVersion` is the one that was read, undefined if the slice does not exist yet; with
 * `hasFormerManager`, the apply hands it over from the field manager of earlier builds.
 */
export interface DesiredSlice {
  readonly name: string;
  readonly addressType: AddressFamily;
  readonly port: number;
  readonly endpoints: readonly NodeEndpoint[];
  readonly serviceUid: string;
  readonly owner: string;
  readonly resourceVersion: string | undefined;
  readonly hasFormerManager: boolean;
}

/** The Endpoints object to apply; `resourceVersion` and `hasFormerManager` as in `DesiredSlice`. */
export interface DesiredEndpoints {
  readonly endpoints: readonly NodeEndpoint[];
  readonly owner: string;
  readonly resourceVersion: string | undefined;
  readonly hasFormerManager: boolean;
}
