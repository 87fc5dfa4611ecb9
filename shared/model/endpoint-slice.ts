import type { NodeName } from "./resource-id.ts";

/** A Windows node as the API server shows it. */
export interface WindowsNode {
  readonly name: NodeName;
  readonly uid: string;
  readonly createdAt: number;
  readonly isDeleting: boolean;
  /** The kubelet's own condition; `Unknown` when it went silent. */
  readonly ready: "True" | "False" | "Unknown";
  readonly readySince: number;
  readonly pool: string | undefined;
  readonly providerId: string | undefined;
  readonly zone: string | undefined;
  readonly addresses: readonly string[];
}

/** One published address; `ready` says that an exporter was proved behind it once, not that the node is well. */
export interface NodeEndpoint {
  readonly node: NodeName;
  readonly uid: string;
  readonly address: string;
  readonly port: number;
  readonly ready: boolean;
  readonly zone: string | undefined;
}

export interface EndpointSlice {
  readonly name: string;
  readonly addressType: "IPv4" | "IPv6";
  readonly port: number;
  readonly endpoints: readonly NodeEndpoint[];
  readonly resourceVersion: string | undefined;
  readonly owner: string | undefined;
  readonly managedBy: string | undefined;
}

/** The v1 Endpoints object: one subset per port, ports ascending. */
export interface Endpoints {
  readonly endpoints: readonly NodeEndpoint[];
  readonly resourceVersion: string | undefined;
  readonly owner: string | undefined;
  readonly skipsMirroring: boolean;
}

/** The Service without a selector that the objects belong to; a manifest makes it, not the app. */
export interface Service {
  readonly uid: string;
  readonly hasSelector: boolean;
  readonly primaryFamily: "IPv4" | "IPv6";
  readonly isPaused: boolean;
}

/** What the extension flow's memory says of one node's exporter; read, never written. */
export interface Install {
  readonly node: NodeName;
  /** When our extension was last seen succeeded on it. */
  readonly succeededAt: number | undefined;
  /** When the complete list of its scale set was last taken, and whether it was in it and running. */
  readonly listedAt: number;
  readonly isRunning: boolean;
}

/** Everything that the endpoints flow's plan looks at. @public */
export interface EndpointsObserved {
  readonly at: number;
  readonly service: Service | undefined;
  readonly nodes: readonly WindowsNode[];
  readonly endpoints: Endpoints | undefined;
  readonly slices: readonly EndpointSlice[];
  readonly installs: readonly Install[] | undefined;
}

/** One intended change in Kubernetes, with the resourceVersion that was read. */
export type EndpointsAction =
  | { readonly kind: "apply-endpoint-slice"; readonly slice: EndpointSlice }
  | { readonly kind: "delete-endpoint-slice"; readonly name: string; readonly resourceVersion: string }
  | { readonly kind: "apply-endpoints"; readonly endpoints: Endpoints }
  | { readonly kind: "delete-endpoints"; readonly resourceVersion: string };
