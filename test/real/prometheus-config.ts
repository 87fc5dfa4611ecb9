import { type ClusterAdmin, type KubeObject, NAMESPACE } from "../contracts/cluster-admin.ts";
import { appToken } from "../contracts/kube-fixture.ts";

const USER = "00000000-0000-4000-8000-0000000000c1";
const YEAR_MS = 365 * 86_400_000;
/** A label that identifies the job, because all have the same `job`. */
const POOL_LABEL = "scrape_pool";
const RBAC = "rbac.authorization.k8s.io";
const METADATA = { name: "prometheus", namespace: NAMESPACE };
const VERBS = ["get", "list", "watch"];

/** One job of Prometheus's configuration. */
export interface ScrapeJob {
  readonly name: string;
  readonly role: "endpoints" | "endpointslice";
  /** Whether addresses without a proven exporter are dropped, as in the documented configuration. */
  readonly dropsNotReady: boolean;
  readonly interval: string;
}

/** The permissions that service discovery needs; they do not include nodes. */
export const RIGHTS: readonly KubeObject[] = [
  {
    apiVersion: `${RBAC}/v1`,
    kind: "Role",
    metadata: METADATA,
    rules: [
      { apiGroups: [""], resources: ["services", "endpoints", "pods"], verbs: VERBS },
      { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: VERBS },
    ],
  },
  {
    apiVersion: `${RBAC}/v1`,
    kind: "RoleBinding",
    metadata: METADATA,
    roleRef: { apiGroup: RBAC, kind: "Role", name: METADATA.name },
    subjects: [{ apiGroup: RBAC, kind: "User", name: USER }],
  },
];

/**
 * Returns the scrape configuration with the labels of docs/prometheus.md "Target labels". It works with both roles,
 * because the labels of the other role are empty.
 */
export function scrapeConfigOf(
  job: ScrapeJob,
  { kubeconfig, proxyUrl }: { kubeconfig: string; proxyUrl: string },
): object {
  const { name, role, dropsNotReady, interval } = job;
  const node = either("__meta_kubernetes_endpoint_node_name", "__meta_kubernetes_endpointslice_endpoint_node_name");
  const port = either("__meta_kubernetes_endpoint_port_name", "__meta_kubernetes_endpointslice_port_name");
  const ready = either("__meta_kubernetes_endpoint_ready", "__meta_kubernetes_endpointslice_endpoint_conditions_ready");
  return {
    job_name: name,
    scrape_interval: interval,
    scrape_timeout: "5s",
    proxy_url: proxyUrl,
    kubernetes_sd_configs: [{ role, kubeconfig_file: kubeconfig, namespaces: { names: [NAMESPACE] } }],
    relabel_configs: [
      { source_labels: ["__meta_kubernetes_service_name"], regex: "windows-exporter", action: "keep" },
      { ...port, regex: "metrics", action: "keep" },
      ...(dropsNotReady ? [{ ...ready, regex: "false", action: "drop" }] : []),
      { target_label: "job", replacement: "windows-exporter" },
      { ...node, target_label: "node" },
      { ...node, target_label: "instance" },
      { ...node, regex: "aks(.+).{6}", target_label: "agentpool", replacement: "$1" },
      { target_label: POOL_LABEL, replacement: name },
      // Prometheus merges targets with equal labels; without the drop rule, the slice makes them distinct.
      ...(dropsNotReady ? [] : [{ source_labels: ["__meta_kubernetes_endpointslice_name"], target_label: "slice" }]),
    ],
    // One metric is enough; this one has its own `namespace` label, which must be preserved.
    metric_relabel_configs: [{ source_labels: ["__name__"], regex: "windows_container_available", action: "keep" }],
  };
}

const either = (...labels: readonly string[]): object => ({ source_labels: labels, separator: "" });

/** Returns a kubeconfig of the user `prometheus`. */
export function kubeconfigOf({ url, caPem }: ClusterAdmin): string {
  const ca = Buffer.from(caPem).toString("base64");
  const token = appToken(USER, undefined, YEAR_MS);
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "tests", cluster: { server: url, "certificate-authority-data": ca } }],
    users: [{ name: "prometheus", user: { token } }],
    contexts: [{ name: "tests", context: { cluster: "tests", user: "prometheus" } }],
    "current-context": "tests",
  });
}
