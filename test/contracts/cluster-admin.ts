/** Kubernetes's own name for a kind of objects, as in `metadata`-bearing YAML. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly [field: string]: unknown;
}

export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly uid: string }[];
  readonly [field: string]: unknown;
}

/** The kinds that the tests use: where they are, and whether they belong to a namespace. */
export const KINDS = {
  Namespace: { api: "/api/v1", resource: "namespaces", isNamespaced: false },
  Node: { api: "/api/v1", resource: "nodes", isNamespaced: false },
  Service: { api: "/api/v1", resource: "services", isNamespaced: true },
  Endpoints: { api: "/api/v1", resource: "endpoints", isNamespaced: true },
  EndpointSlice: { api: "/apis/discovery.k8s.io/v1", resource: "endpointslices", isNamespaced: true },
  Role: { api: "/apis/rbac.authorization.k8s.io/v1", resource: "roles", isNamespaced: true },
  RoleBinding: { api: "/apis/rbac.authorization.k8s.io/v1", resource: "rolebindings", isNamespaced: true },
  ClusterRole: { api: "/apis/rbac.authorization.k8s.io/v1", resource: "clusterroles", isNamespaced: false },
  ClusterRoleBinding: {
    api: "/apis/rbac.authorization.k8s.io/v1",
    resource: "clusterrolebindings",
    isNamespaced: false,
  },
} as const;

export type Kind = keyof typeof KINDS;

/** The namespace that everything namespaced of the tests is in. */
export const NAMESPACE = "monitoring";

/** What a cluster's administrator does, and sees; the same for a real control plane and for its stand-in. */
export interface ClusterAdmin {
  /** Address of the API server. */
  readonly url: string;
  readonly caPem: string;
  /** Whether Kubernetes's controllers run: owner references are followed, Endpoints are mirrored. */
  readonly hasControllers: boolean;
  /** Makes a node, or gives it these labels and this status. */
  putNode(node: KubeObject): Promise<void>;
  deleteNode(name: string): Promise<void>;
  /** Server-side apply by force, as another manager than the app. */
  apply(object: KubeObject, manager?: string): Promise<KubeObject>;
  delete(kind: Kind, name: string): Promise<void>;
  get(kind: Kind, name: string): Promise<KubeObject | undefined>;
  list(kind: Kind): Promise<readonly KubeObject[]>;
  /** Requests answered so far, by verb (`GET`, `LIST`, `APPLY`, `DELETE`) and resource: `APPLY endpoints`. */
  requests(): Promise<Readonly<Record<string, number>>>;
  /** Has the server forget the versions that unfinished lists go on from. */
  expireLists(): Promise<void>;
  close(): Promise<void>;
}
