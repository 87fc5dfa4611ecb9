import type { EpochMs } from "../model/time.ts";
import type { Verdict } from "../model/verdict.ts";
import { joinNodes } from "./join.ts";
import type { MetricName } from "./metrics-table.ts";
import { needsMetrics } from "./node-levels.ts";
import { type ClassifiedNode, classifyNodes } from "./node-status.ts";
import { healsItself } from "./node-text.ts";
import { NODE_STATES } from "./status.ts";
import { observations, reportOf, type StoredCluster, type StoredFlow } from "./stored-flow.ts";

/** One series of a metric, without its label `cluster`, and its value. */
export interface Sample {
  readonly metric: MetricName;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Returns the samples of one cluster, from what its passes stored. */
export function clusterSamples({ flows }: StoredCluster, at: EpochMs): readonly Sample[] {
  const reports = observations(flows);
  const verdicts = reports.flatMap(({ plan }) => plan.verdicts);
  const nodes = classifyNodes(joinNodes(reports), at);
  const told = nodes.map(nodeLabels);
  const none: readonly Sample[] = NODE_STATES.map((state) => ({
    metric: "nodes",
    labels: { state, reason: "" },
    value: 0,
  }));
  return [
    ...countBy(
      "nodes",
      told.map(({ state, reason }) => ({ state, reason })),
      none,
    ),
    ...told
      .filter(({ state }) => state !== "covered")
      .map((labels): Sample => ({ metric: "node_status", labels, value: 1 })),
    ...countBy("cluster_verdicts", flows.flatMap(clusterLabelsOf)),
    ...nodes.flatMap(withoutMetrics),
    ...countBy("scale_sets", verdicts.flatMap(poolLabels("scale-set"))),
    ...countBy("instances", verdicts.flatMap(poolLabels("instance"))),
    ...flows.flatMap(flowSamples),
  ];
}

/** Returns the labels of each verdict of a flow on the cluster. */
function clusterLabelsOf(stored: StoredFlow) {
  return observations([stored]).flatMap(({ plan }) =>
    plan.verdicts
      .filter(({ subject }) => subject.kind === "cluster")
      .map(({ state, reason }) => ({ flow: stored.flow, state, reason: reason ?? "" })),
  );
}

function nodeLabels({ state, because, node, pool }: ClassifiedNode) {
  return { node, agentpool: pool, state, reason: state === "covered" ? "" : (because?.reason ?? "") };
}

function withoutMetrics(node: ClassifiedNode): readonly Sample[] {
  const since = needsMetrics(node) ? node.withoutMetricsSince : undefined;
  if (since === undefined) return [];
  const labels = { ...nodeLabels(node), heals_itself: String(healsItself(node)) };
  return [{ metric: "node_without_metrics_since_timestamp_seconds", labels, value: since / 1000 }];
}

function poolLabels(kind: "scale-set" | "instance") {
  return ({ subject, state, reason, instance }: Verdict) => {
    if (subject.kind !== kind) return [];
    const pool = subject.kind === "scale-set" ? subject.pool : (instance?.pool ?? "");
    return [{ pool, state, reason: reason ?? "" }];
  };
}

/** Counts equal labels; those that `none` has are there also where nothing is counted. */
function countBy(
  metric: MetricName,
  all: readonly Readonly<Record<string, string>>[],
  none: readonly Sample[] = [],
): readonly Sample[] {
  const samples = new Map(none.map((each) => [JSON.stringify(each.labels), each]));
  for (const labels of all) {
    const key = JSON.stringify(labels);
    samples.set(key, { metric, labels, value: (samples.get(key)?.value ?? 0) + 1 });
  }
  return [...samples.values()];
}

function flowSamples(stored: StoredFlow): readonly Sample[] {
  const { flow, report: found, dueAt, measurements, totals } = stored;
  const report = reportOf(stored);
  const isSuccess = report && !report.failure && report.outcomes.every(({ status }) => status !== "failed");
  const of = (metric: MetricName, value: number): Sample => ({ metric, labels: { flow }, value });
  return [
    of("last_pass_end_timestamp_seconds", (report?.endedAt ?? 0) / 1000),
    of("last_pass_duration_seconds", report ? (report.endedAt - report.startedAt) / 1000 : 0),
    of("last_pass_success", isSuccess ? 1 : 0),
    of("next_pass_timestamp_seconds", dueAt / 1000),
    of("report_readable", report || found === "none" ? 1 : 0),
    ...measurements.map(({ name, labels, value }): Sample => ({ metric: name, labels, value })),
    ...totals.map(({ count: value, ...labels }): Sample => ({
      metric: "actions_total",
      labels: { flow, ...labels },
      value,
    })),
  ];
}
