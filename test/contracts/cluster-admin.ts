/** A Kubernetes object, as in a manifest. */
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

/** The kinds that the tests use, with their API path and scope. */
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
  ValidatingWebhookConfiguration: {
    api: "/apis/admissionregistration.k8s.io/v1",
    resource: "validatingwebhookconfigurations",
    isNamespaced: false,
  },
} as const;

export type Kind = keyof typeof KINDS;

/** The namespace of all namespaced objects in the tests. */
export const NAMESPACE = "monitoring";

/** The operations of a cluster administrator, on a real control plane or on the simulator. */
export interface ClusterAdmin {
  /** The URL of the API server. */
  readonly url: string;
  readonly caPem: string;
  /** The path of an administrator's kubeconfig, for Prometheus and kubectl; the simulator has none. */
  readonly kubeconfigPath?: string;
  /** Whether Kubernetes's controllers run, which collect garbage and mirror Endpoints. */
  readonly hasControllers: boolean;
  /** Creates a node, or updates its labels and status. */
  putNode(node: KubeObject): Promise<void>;
  deleteNode(name: string): Promise<void>;
  /** Applies an object server-side with force, as a field manager other than the app. */
  apply(object: KubeObject, manager?: string): Promise<KubeObject>;
  delete(kind: Kind, name: string): Promise<void>;
  get(kind: Kind, name: string): Promise<KubeObject | undefined>;
  list(kind: Kind): Promise<readonly KubeObject[]>;
  /** Returns the number of requests by verb (`GET`, `LIST`, `APPLY`, `DELETE`) and resource, as `APPLY endpoints`. */
  requests(): Promise<Readonly<Record<string, number>>>;
  /** Expires the continue tokens of all paged lists. */
  expireLists(): Promise<void>;
  close(): Promise<void>;
}
