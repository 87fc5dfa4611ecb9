import type { Labels } from "../simulators/exporter-labels.ts";
import { type ExporterSample, exporterSamples } from "../simulators/exporter-samples.ts";
import { type Fault, FAULTS } from "./seeded-faults.ts";

const GIB = 1024 ** 3;
/** The number of nodes of each cluster. Nodes of different clusters have the same names. */
const NODES: Readonly<Record<string, number>> = { eu: 9, us: 7, ap: 1 };
/** Nodes that are not scraped, and need not be: not ready, excluded, paused, and younger than 30 minutes. */
const UNSCRAPED = ["akswin2000001", "akswin2000002", "akswin2000003", "akswin2000004"];
const PACKAGE = "a".repeat(64);

/** What finds the faults that no single node has. */
export const CLUSTER_FINDS: readonly string[] = [
  "WindowsNodeScrapedTwice us/akswin1000001",
  "WindowsExporterVersionSkew us",
  "WindowsMetricsPassOverdue us/endpoints",
  "WindowsMetricsPassFailing eu/extension",
  "WindowsMetricsInstancesStuck eu/win1/cause-node/failed",
  "WindowsMetricsRefused us/win1/foreign-extension/refused",
  "WindowsMetricsRefused us/package-unusable/package-unusable",
  "WindowsExtensionRemovedRepeatedly eu",
  `WindowsPackageNotDesired eu/${"b".repeat(64)}`,
  "WindowsMetricsAbsent ",
];

/** Returns what Prometheus scraped of three clusters with their faults at a time; `minute` counts from the first one. */
export function seededSamples(
  seconds: number,
  minute: number,
  metrics: ReadonlySet<string>,
): readonly ExporterSample[] {
  return [
    ...Object.entries(NODES).flatMap(([cluster, count]) =>
      Array.from({ length: count }, (_, index) => nodeSamples(cluster, index + 1, { seconds, minute, metrics })).flat(),
    ),
    ...Object.keys(NODES).flatMap((cluster) => appSamples(cluster, { seconds, minute })),
    ...UNSCRAPED.flatMap((node, index) => kubeNode("eu", node, index === 0 ? 0 : 1)).filter(
      ({ labels }) => labels["node"] !== UNSCRAPED[3] || minute > 460,
    ),
    sample("aks_windows_metrics_node_status", { ...statusOf(1), state: "excluded", reason: "pool-off" }, 1),
    sample("aks_windows_metrics_node_status", { ...statusOf(2), state: "planned", reason: "paused" }, 1),
    sample("up", { ...targetOf("us", nodeName(1)), instance: "10.240.0.9:9182" }, 1),
  ];
}

interface At {
  readonly seconds: number;
  readonly minute: number;
}

const nodeName = (index: number): string => `akswin1${String(index).padStart(6, "0")}`;
const statusOf = (index: number): Labels => ({ cluster: "eu", node: UNSCRAPED[index] ?? "", agentpool: "win2" });
const sample = (metric: string, labels: Labels, value: number): ExporterSample => ({ metric, labels, value });
const targetOf = (cluster: string, node: string): Labels => ({
  job: "windows-exporter",
  cluster,
  agentpool: "win1",
  instance: node,
  node,
});

function nodeSamples(
  cluster: string,
  index: number,
  { seconds, minute, metrics }: At & { readonly metrics: ReadonlySet<string> },
): readonly ExporterSample[] {
  const node = nodeName(index);
  const packageLabels = { package: cluster === "eu" && index === 1 ? "b".repeat(64) : PACKAGE, version: "0.31.8" };
  const scraped = [
    sample("up", {}, 1),
    sample("aks_windows_metrics_package_info", packageLabels, 1),
    ...exporterSamples(`${cluster} ${node}`, seconds).filter(({ metric }) => metrics.has(metric)),
  ];
  const faults = FAULTS.filter((each) => each.cluster === cluster && each.node === index);
  const told = scraped.flatMap((each) => withFaults(each, faults, minute));
  return [
    ...told.map(({ metric, labels, value }) =>
      sample(metric, { ...targetOf(cluster, node), ...ownLabels(labels, { cluster, index }) }, value),
    ),
    ...kubeNode(cluster, node, 1),
    ...["cart", "proxy"].map((container) =>
      sample(
        "kube_pod_container_resource_limits",
        {
          job: "kube-state-metrics",
          cluster,
          namespace: `shop-${index}`,
          pod: "cart-0",
          container,
          resource: "memory",
        },
        GIB,
      ),
    ),
  ];
}

/** Each node has a namespace of its own, because pods of the same name are in the history of each. */
function ownLabels(labels: Labels, { cluster, index }: { readonly cluster: string; readonly index: number }): Labels {
  if ("namespace" in labels) return { ...labels, namespace: `shop-${index}` };
  return cluster === "us" && index === 1 && "goversion" in labels ? { ...labels, version: "0.31.7" } : labels;
}

function withFaults(before: ExporterSample, faults: readonly Fault[], minute: number): readonly ExporterSample[] {
  const isOn = ({ metric, labels = {} }: Fault): boolean =>
    metric.test(before.metric) && Object.entries(labels).every(([name, value]) => before.labels[name] === value);
  const fault = faults.find(isOn);
  const value = fault ? fault.value(before.value, minute) : before.value;
  return value === undefined ? [] : [{ ...before, value }];
}

function kubeNode(cluster: string, node: string, isReady: number): readonly ExporterSample[] {
  const labels = { job: "kube-state-metrics", cluster, node };
  return [
    sample("kube_node_info", { ...labels, os_image: "Windows Server 2022 Datacenter" }, 1),
    sample("kube_node_status_condition", { ...labels, condition: "Ready", status: "true" }, isReady),
  ];
}

/** The app, whose `build_info` is missing. */
function appSamples(cluster: string, { seconds, minute }: At): readonly ExporterSample[] {
  const app = (metric: string, labels: Labels, value: number): ExporterSample =>
    sample(`aks_windows_metrics_${metric}`, { job: "app", cluster, ...labels }, value);
  const isLate = cluster === "us";
  const removal = { flow: "extension", action: "put-extension", reason: "missing", outcome: "submitted" };
  const eu = [
    app("instances", { pool: "win1", state: "failed", reason: "cause-node" }, 2),
    app("actions_total", removal, Math.floor(minute / 60)),
  ];
  const us = [
    app("scale_sets", { pool: "win1", state: "refused", reason: "foreign-extension" }, 1),
    app("cluster_verdicts", { flow: "extension", state: "package-unusable", reason: "package-unusable" }, 1),
    app("actions_total", removal, minute < 60 ? 1 : 2),
  ];
  return [
    app("desired_package_info", { package: PACKAGE, version: "0.31.8" }, 1),
    app("next_pass_timestamp_seconds", { flow: "extension" }, seconds + 60),
    app("next_pass_timestamp_seconds", { flow: "endpoints" }, isLate ? seconds - 1200 : seconds + 60),
    app("last_pass_success", { flow: "extension" }, cluster === "eu" ? 0 : 1),
    ...(cluster === "eu" ? eu : []),
    ...(cluster === "us" ? us : []),
  ];
}
