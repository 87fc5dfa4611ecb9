/** The size of a panel of which three are beside each other. */
export const THIRD = { span: 8, height: 8 } as const;
/** The node in a legend: several can be selected. */
export const NODE = "{{cluster}} {{node}}";

/** What the variables select, of series of the exporters. */
export const NODES = 'cluster=~"$cluster",agentpool=~"$agentpool",node=~"$node"';
const SCRAPED = `job="windows-exporter",${NODES}`;

/** Returns the selector of a metric of the exporter on the selected nodes. */
export function of(metric: string, ...matchers: readonly string[]): string {
  return `${metric}{${[SCRAPED, ...matchers].join(",")}}`;
}

/** Returns the selector of a recording for the selected nodes. */
export function recorded(name: string): string {
  return `${name}{${NODES}}`;
}

export function rate(metric: string, ...matchers: readonly string[]): string {
  return `rate(${of(metric, ...matchers)}[$__rate_interval])`;
}

/** Returns the sum of an expression by node and more labels. */
export function sumBy(expr: string, ...labels: readonly string[]): string {
  return `sum by (${["cluster", "node", ...labels].join(", ")}) (${expr})`;
}

/** Returns the value of an expression by node and more labels. */
export function maxBy(expr: string, ...labels: readonly string[]): string {
  return `max by (${["cluster", "node", ...labels].join(", ")}) (${expr})`;
}

/** Volumes with a letter; the other ones are those of containers, which come and go. */
export const VOLUMES = 'volume=~"[A-Z]:"';

/** Network interfaces but the virtual ones, which count the same bytes again. */
export const NICS = 'nic!~"vEthernet.*"';

/** The commit of each container, as a share of its memory limit. */
export const COMMIT_OF_LIMIT = `max by (cluster, namespace, pod, container) (
  ${of("windows_container_memory_usage_commit_bytes", 'container!=""')}
)
/ on (cluster, namespace, pod, container) (
  max by (cluster, namespace, pod, container) (
    kube_pod_container_resource_limits{job="kube-state-metrics",resource="memory"}
  ) > 0
)`;
