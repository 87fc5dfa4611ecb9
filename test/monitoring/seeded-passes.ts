import type { Labels } from "../simulators/exporter-labels.ts";
import { type ExporterSample } from "../simulators/exporter-samples.ts";

const app = (metric: string, labels: Labels, value: number): ExporterSample => ({
  metric: `aks_windows_metrics_${metric}`,
  labels: { job: "app", ...labels },
  value,
});

/** What the app says of the clusters of the history, beyond what alerts read: the states of nodes, pools and instances. */
export function passSamples(seconds: number, minute: number): readonly ExporterSample[] {
  const start = seconds - minute * 60;
  const without = (labels: Labels, sinceMinute: number): readonly ExporterSample[] =>
    minute < sinceMinute ? [] : [app("node_without_metrics_since_timestamp_seconds", labels, start + sinceMinute * 60)];
  const isDown = minute >= AKS_UPGRADE;
  return [
    ...without({ ...nodeOf("us", 2), state: "failed", reason: "cause-package", heals_itself: "false" }, 0),
    ...without({ ...nodeOf("ap", 1), state: "waiting-for-aks", reason: "aks-busy", heals_itself: "true" }, AKS_UPGRADE),
    app("nodes", { cluster: "eu", state: "covered", reason: "" }, 9),
    app("nodes", { cluster: "eu", state: "excluded", reason: "pool-off" }, 1),
    app("nodes", { cluster: "us", state: "covered", reason: "" }, 6),
    app("nodes", { cluster: "us", state: "failed", reason: "cause-package" }, 1),
    app("nodes", { cluster: "ap", state: "covered", reason: "" }, isDown ? 0 : 1),
    app("nodes", { cluster: "ap", state: "waiting-for-aks", reason: "aks-busy" }, isDown ? 1 : 0),
    app("scale_sets", { cluster: "eu", pool: "win1", state: "at-rest", reason: "" }, 1),
    app("scale_sets", { cluster: "ap", pool: "win1", ...(isDown ? WAITING : { state: "at-rest", reason: "" }) }, 1),
    app("instances", { cluster: "ap", pool: "win1", ...(isDown ? REPLACED : { state: "current", reason: "" }) }, 1),
  ];
}

/** The minute at which AKS begins to upgrade the pool of `ap`. */
const AKS_UPGRADE = 300;
const WAITING = { state: "waiting", reason: "aks-busy" };
const REPLACED = { state: "awaiting-aks", reason: "aks-busy" };

function nodeOf(cluster: string, index: number): Labels {
  return { cluster, node: `akswin1${String(index).padStart(6, "0")}`, agentpool: "win1" };
}
