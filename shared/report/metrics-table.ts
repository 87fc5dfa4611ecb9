/** The prefix of every metric of the app. */
export const METRICS_PREFIX = "aks_windows_metrics_";

/** A metric of the app: its type, what it tells, and its labels without `cluster`, which every metric but one has. */
export interface MetricInfo {
  readonly type: "gauge" | "counter";
  readonly help: string;
  readonly labels: readonly string[];
}

/** Every metric of `GET /api/metrics`, without the prefix; `docs/metrics.md` is made from it. */
export const METRICS = {
  build_info: { type: "gauge", help: "1, with the version and the mode of the app.", labels: ["version", "mode"] },
  nodes: {
    type: "gauge",
    help: "Number of Windows nodes in each state of the status page, with the reason where it has one.",
    labels: ["state", "reason"],
  },
  node_status: {
    type: "gauge",
    help: "1 for every Windows node that is not covered, with its state and reason.",
    labels: ["node", "agentpool", "state", "reason"],
  },
  cluster_verdicts: {
    type: "gauge",
    help: "Number of verdicts of the last pass of a flow on the cluster itself and its endpoint objects.",
    labels: ["flow", "state", "reason"],
  },
  node_without_metrics_since_timestamp_seconds: {
    type: "gauge",
    help: "Time since which a Windows node that should have metrics has none, with its state and reason, and whether it heals without a person.",
    labels: ["node", "agentpool", "state", "reason", "heals_itself"],
  },
  scale_sets: {
    type: "gauge",
    help: "Number of scale sets with each verdict of the last pass.",
    labels: ["pool", "state", "reason"],
  },
  instances: {
    type: "gauge",
    help: "Number of instances with each verdict of the last pass.",
    labels: ["pool", "state", "reason"],
  },
  last_pass_end_timestamp_seconds: {
    type: "gauge",
    help: "Time at which the last stored pass ended; 0 before the first one.",
    labels: ["flow"],
  },
  last_pass_duration_seconds: { type: "gauge", help: "Duration of the last stored pass.", labels: ["flow"] },
  last_pass_success: {
    type: "gauge",
    help: "1 if no call of the last stored pass failed, else 0.",
    labels: ["flow"],
  },
  next_pass_timestamp_seconds: {
    type: "gauge",
    help: "Time at which the next pass, or the next record of a flow at rest, is due; 0 before the first pass.",
    labels: ["flow"],
  },
  report_readable: { type: "gauge", help: "1 if the report of the last pass can be read, else 0.", labels: ["flow"] },
  desired_package_info: {
    type: "gauge",
    help: "1, with the hash and the exporter's version of the package that current.json names.",
    labels: ["package", "version"],
  },
  package_link_expiry_timestamp_seconds: {
    type: "gauge",
    help: "Time at which the link to the package in the model of a pool expires.",
    labels: ["pool"],
  },
  actions_total: {
    type: "counter",
    help: "Number of actions by their outcome, since the memory of the flow began.",
    labels: ["flow", "action", "reason", "outcome"],
  },
} as const satisfies Readonly<Record<string, MetricInfo>>;

export type MetricName = keyof typeof METRICS;
