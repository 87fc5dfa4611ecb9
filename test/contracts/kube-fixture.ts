import { createHttpHeaders, type HttpClient, type PipelineResponse } from "@azure/core-rest-pipeline";
import { createKubeClients, type KubeClients } from "../../shared/clients/kubernetes/client.ts";
import type { KubeClient } from "../../shared/clients/kubernetes/port.ts";
import { parseClusterId, parseNodeName } from "../../shared/model/ids.ts";
import type { DesiredEndpoints, DesiredSlice, NodeEndpoint } from "../../shared/model/slice.ts";
import { AKS_AUDIENCE } from "../entra-user.ts";
import { mintToken } from "../simulators/identity.ts";
import type { ClusterAdmin, KubeObject } from "./cluster-admin.ts";

export const APP_OID = "00000000-0000-4000-8000-0000000000a1";
export const CLUSTER = parseClusterId(
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/shop-rg/providers/Microsoft.ContainerService/managedClusters/shop",
);

/** Returns a signal that never aborts. */
export const noAbort = (): AbortSignal => new AbortController().signal;

export const OWNER = "0a1b2c3d";

/** Returns a cluster and the app's client for it. */
export type InCluster = () => { readonly admin: ClusterAdmin; readonly kube: KubeClient };

/** The content of ARM's response to `listClusterUserCredential`. */
export interface KubeconfigParts {
  readonly server: string;
  readonly caPem: string;
  readonly user?: object;
}

export interface ConnectOptions {
  readonly token?: string;
  readonly kubeconfig?: () => KubeconfigParts;
  readonly allowClusterUserCertificate?: boolean;
  /** Every request to ARM, as method and path with query. */
  readonly armRequests?: string[];
  /** Awaited before every request to the API server. */
  readonly beforeRequest?: (scope: unknown) => Promise<void> | void;
}

/** Returns a token as the app's identity gets it; it is valid for a day by default. */
export function appToken(oid = APP_OID, audience = AKS_AUDIENCE, lifetimeMs?: number): string {
  return mintToken({ oid, audience, now: Date.now(), ...(lifetimeMs !== undefined && { lifetimeMs }) });
}

/** Returns the app's clients, with an ARM that returns only the kubeconfig. */
export function connect(admin: Pick<ClusterAdmin, "url" | "caPem">, options: ConnectOptions = {}): KubeClients {
  const { token = appToken(), kubeconfig = () => ({ server: admin.url, caPem: admin.caPem }) } = options;
  const httpClient: HttpClient = {
    sendRequest: async (request): Promise<PipelineResponse> => {
      const url = new URL(request.url);
      options.armRequests?.push(`${request.method} ${url.pathname}${url.search}`);
      const value = Buffer.from(kubeconfigOf(kubeconfig())).toString("base64");
      const bodyAsText = JSON.stringify({ kubeconfigs: [{ name: "clusterUser", value }] });
      return { request, status: 200, headers: createHttpHeaders(), bodyAsText };
    },
  };
  const credential = {
    getToken: async (scopes: unknown) => {
      await options.beforeRequest?.(scopes);
      return { token, expiresOnTimestamp: Date.now() + 3_600_000 };
    },
  };
  return createKubeClients({
    arm: { credential: async () => credential, options: { httpClient } },
    namespace: "monitoring",
    allowClusterUserCertificate: options.allowClusterUserCertificate ?? false,
  });
}

/** Returns a client for one pass. */
export function open(admin: Pick<ClusterAdmin, "url" | "caPem">, options?: ConnectOptions): Promise<KubeClient> {
  return connect(admin, options).open(CLUSTER, noAbort());
}

function kubeconfigOf({ server, caPem, user }: KubeconfigParts): string {
  const exec = { apiVersion: "client.authentication.k8s.io/v1beta1", command: "kubelogin", args: ["get-token"] };
  const cluster = { server, "certificate-authority-data": Buffer.from(caPem).toString("base64") };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "shop", cluster }],
    users: [{ name: "clusterUser_shop-rg_shop", user: user ?? { exec } }],
    contexts: [{ name: "shop", context: { cluster: "shop", user: "clusterUser_shop-rg_shop" } }],
    "current-context": "shop",
  });
}

/** Returns a node as kubelet and AKS create it. */
export function windowsNode(
  index: number,
  change: { labels?: Record<string, string>; status?: string } = {},
): KubeObject {
  const name = `akswin1${index.toString(36).padStart(6, "0")}`;
  const labels = {
    "kubernetes.io/os": "windows",
    "kubernetes.azure.com/agentpool": "win1",
    "topology.kubernetes.io/zone": "westeurope-1",
    ...change.labels,
  };
  const ready = {
    type: "Ready",
    status: change.status ?? "True",
    reason: "KubeletReady",
    message: "kubelet is posting ready status",
    lastHeartbeatTime: "2026-10-01T12:05:00Z",
    lastTransitionTime: "2026-10-01T12:00:00Z",
  };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels },
    status: {
      addresses: [
        { type: "InternalIP", address: `10.240.${index >> 8}.${index & 255}` },
        { type: "Hostname", address: name },
      ],
      conditions: [{ ...ready, type: "MemoryPressure", status: "False" }, ready],
      nodeInfo: { bootID: `boot-${index}` },
    },
  };
}

/** Returns the endpoint of node `index`. */
export function endpoint(index: number, change: Partial<NodeEndpoint> = {}): NodeEndpoint {
  const node = parseNodeName(`akswin1${index.toString(36).padStart(6, "0")}`);
  const address = `10.240.${index >> 8}.${index & 255}`;
  return { node, uid: `uid-${index}`, address, port: 9182, ready: true, zone: undefined, ...change };
}

/** Returns a slice of the Service with this uid. */
export function slice(serviceUid: string, change: Partial<DesiredSlice> = {}): DesiredSlice {
  return {
    name: "windows-exporter-0",
    addressType: "IPv4",
    port: 9182,
    endpoints: [endpoint(1, { zone: "westeurope-1" }), endpoint(2, { ready: false })],
    serviceUid,
    owner: OWNER,
    resourceVersion: undefined,
    hasFormerManager: false,
    ...change,
  };
}

/** Returns an Endpoints object with two addresses. */
export function desired(change: Partial<DesiredEndpoints> = {}): DesiredEndpoints {
  const endpoints = [endpoint(1), endpoint(2, { ready: false })];
  return { endpoints, owner: OWNER, resourceVersion: undefined, hasFormerManager: false, ...change };
}

/** Endpoints and slices as other tools apply them. */
export const ENDPOINTS = { apiVersion: "v1", kind: "Endpoints", metadata: { name: "windows-exporter" } };
export const sliceNamed = (name: string, service: string): KubeObject => ({
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: { name, labels: { "kubernetes.io/service-name": service } },
});

/** Returns an object with only its kind and name. */
export function bare(object: KubeObject | undefined): KubeObject {
  if (object === undefined) throw new Error("no such object");
  const { apiVersion, kind, metadata } = object;
  return { apiVersion, kind, metadata: { name: metadata.name } };
}

export async function serviceUid(kube: KubeClient): Promise<string> {
  return (await kube.readService(noAbort()))?.uid ?? "";
}

/** Runs `work` for all items, at most 32 at a time. */
export async function inParallel<T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<void> {
  const rest = [...all];
  const run = async (): Promise<void> => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: 32 }, run));
}
