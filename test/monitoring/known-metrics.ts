import { METRICS, METRICS_PREFIX } from "../../shared/report/metrics-table.ts";
import { readExporterTable } from "../simulators/exporter-table.ts";

/** What an expression may ask of a metric. */
interface KnownMetric {
  readonly type: "counter" | "gauge";
  /** The labels of its series in Prometheus, with those of the target. */
  readonly labels: readonly string[];
  /** The job whose series a selector has to ask for; undefined if the users name the job. */
  readonly job?: string;
}

export type KnownMetrics = ReadonlyMap<string, KnownMetric>;

/** The target labels of docs/prometheus.md. */
const EXPORTER = { job: "windows-exporter", labels: ["job", "instance", "node", "agentpool", "cluster"] };
/** The metrics of kube-state-metrics that rules read, with the labels that they have there. */
const KUBE_STATE_METRICS = {
  kube_node_info: ["node", "os_image", "kernel_version", "kubelet_version", "internal_ip"],
  kube_node_created: ["node"],
  kube_node_status_condition: ["node", "condition", "status"],
  kube_pod_container_resource_limits: ["namespace", "pod", "container", "node", "resource", "unit", "uid"],
};

/** The metrics of windows_exporter, of the package on the nodes, of kube-state-metrics and of the app. */
export const SCRAPED: KnownMetrics = new Map<string, KnownMetric>([
  ...readExporterTable().map(({ name, type, labels }) => [name, ofExporter(type, labels)] as const),
  ["up", ofExporter("gauge", [])],
  ["aks_windows_metrics_package_info", ofExporter("gauge", ["package", "version"])],
  ...Object.entries(KUBE_STATE_METRICS).map(([name, labels]): [string, KnownMetric] => [
    name,
    { type: "gauge", job: "kube-state-metrics", labels: ["job", "instance", "cluster", ...labels] },
  ]),
  ...Object.entries(METRICS).map(([name, { type, labels }]): [string, KnownMetric] => [
    METRICS_PREFIX + name,
    { type, labels: ["job", "instance", ...(name === "build_info" ? [] : ["cluster"]), ...labels] },
  ]),
]);

function ofExporter(type: KnownMetric["type"], labels: readonly string[]): KnownMetric {
  return { type, job: EXPORTER.job, labels: [...EXPORTER.labels, ...labels] };
}
