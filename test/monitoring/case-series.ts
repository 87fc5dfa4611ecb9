/** Two nodes of the pool `win1`, and the values of a series for twenty hours. */
export const NODE = "akswin1000001";
export const OTHER = "akswin1000002";
export const ONE = "1x1200";
export const ZERO = "0x1200";

type Series = Readonly<Record<string, string>>;

/** Returns the target labels of a node. */
export function target(node = NODE, cluster = "eu"): string {
  return `job="windows-exporter",cluster="${cluster}",agentpool="win1",instance="${node}",node="${node}"`;
}

/** Returns the labels of an alert about a node. */
export function alertOn(alert: string, node = NODE, more = ""): string {
  return `{alertname="${alert}",cluster="eu",agentpool="win1",node="${node}"${more === "" ? "" : `,${more}`}}`;
}

/** Returns what kube-state-metrics says about a ready node; `info` and `isReady` are values over time. */
export function kubeNode(
  node = NODE,
  { info = ONE, isReady = ONE, cluster = "eu", os = "Windows Server 2022 Datacenter" } = {},
): Series {
  const labels = `job="kube-state-metrics",cluster="${cluster}",node="${node}"`;
  return {
    [`kube_node_info{${labels},os_image="${os}"}`]: info,
    [`kube_node_status_condition{${labels},condition="Ready",status="true"}`]: isReady,
  };
}

/** Returns what kube-state-metrics says about a node that was created at a minute. */
export function kubeCreated(minute: number, node = NODE): Series {
  return { [`kube_node_created{job="kube-state-metrics",cluster="eu",node="${node}"}`]: `${minute * 60}x1200` };
}

/** Returns `up` of a node over time. */
export function up(values = ONE, node = NODE, cluster = "eu"): Series {
  return { [`up{${target(node, cluster)}}`]: values };
}

/** Returns a metric of a node's exporter over time; `labels` without target labels. */
export function exporter(metric: string, values: string, { labels = "", node = NODE } = {}): Series {
  return { [`${metric}{${target(node)}${labels === "" ? "" : `,${labels}`}}`]: values };
}

/** The app is scraped. */
export const APP: Series = { 'aks_windows_metrics_build_info{version="0.1.0",mode="install"}': ONE };

/** Returns a metric of the app about the cluster over time. */
export function app(metric: string, labels: string, values: string): Series {
  return { [`aks_windows_metrics_${metric}{cluster="eu",${labels}}`]: values };
}

/** A ready node that is scraped, and the app. */
export const WELL: Series = { ...APP, ...kubeNode(OTHER), ...up(ONE, OTHER) };
