import { describe, expect, test } from "vitest";
import { parseClusterId, parseNodeName } from "../../shared/model/ids.ts";
import { NO_PAUSES } from "../../shared/model/pauses.ts";
import { clusterLabels } from "../../shared/report/cluster-labels.ts";
import { type LabeledSample, metricsText } from "../../shared/report/metrics-text.ts";
import { clusterSamples, type Sample } from "../../shared/report/samples.ts";
import type { StoredFlow } from "../../shared/report/stored-flow.ts";
import { CLUSTER_ID, HOUR, MINUTE, NOW, SET_ID } from "../build.ts";
import { checkMetrics, hasPromtool } from "../monitoring/promtool.ts";
import { endpointVerdict, instanceVerdict, objectsVerdict, setVerdict } from "./joined.ts";
import { failedReport, report, stored } from "./stored.ts";

function samplesOf(...flows: readonly StoredFlow[]): readonly Sample[] {
  return clusterSamples({ cluster: CLUSTER_ID, flows, pauses: NO_PAUSES }, NOW);
}

/** Returns the value of the series of a metric with these labels, undefined if there is none. */
function valueOf(samples: readonly Sample[], metric: Sample["metric"], labels: Sample["labels"]): number | undefined {
  const same = samples.filter(
    (each) => each.metric === metric && Object.entries(labels).every(([k, v]) => each.labels[k] === v),
  );
  return same.reduce<number | undefined>((sum, { value }) => (sum ?? 0) + value, undefined);
}

const failed = instanceVerdict(
  { state: "failed", reason: "cause-download" },
  { isDesired: false, unprovenSince: NOW - HOUR },
);
const endpoints = (isReady: boolean): StoredFlow =>
  stored(report([objectsVerdict(), endpointVerdict({}, { isReady, live: isReady ? "ready" : "not-ready" })]), {
    flow: "endpoints",
  });

describe("the samples of a cluster", () => {
  const samples = samplesOf(
    stored(report([setVerdict(), failed]), {
      dueAt: NOW + 13 * MINUTE,
      totals: [{ action: "put-extension", reason: "missing", outcome: "submitted", count: 3 }],
      measurements: [{ name: "package_link_expiry_timestamp_seconds", labels: { pool: "win1" }, value: 1 }],
    }),
    endpoints(false),
  );

  test.each<{ metric: Sample["metric"]; labels: Sample["labels"]; value: number }>([
    { metric: "nodes", labels: { state: "failed", reason: "cause-download" }, value: 1 },
    { metric: "nodes", labels: { state: "covered", reason: "" }, value: 0 },
    { metric: "node_status", labels: { node: "akswin1000000", agentpool: "win1", state: "failed" }, value: 1 },
    { metric: "instances", labels: { pool: "win1", state: "failed", reason: "cause-download" }, value: 1 },
    { metric: "cluster_verdicts", labels: { flow: "endpoints", state: "in-sync", reason: "" }, value: 1 },
    { metric: "scale_sets", labels: { pool: "win1", state: "at-rest", reason: "" }, value: 1 },
    { metric: "last_pass_end_timestamp_seconds", labels: { flow: "extension" }, value: (NOW - MINUTE) / 1000 },
    { metric: "last_pass_duration_seconds", labels: { flow: "extension" }, value: 60 },
    { metric: "last_pass_success", labels: { flow: "extension" }, value: 1 },
    { metric: "next_pass_timestamp_seconds", labels: { flow: "extension" }, value: (NOW + 13 * MINUTE) / 1000 },
    { metric: "report_readable", labels: { flow: "endpoints" }, value: 1 },
    { metric: "package_link_expiry_timestamp_seconds", labels: { pool: "win1" }, value: 1 },
    { metric: "actions_total", labels: { action: "put-extension", reason: "missing", outcome: "submitted" }, value: 3 },
  ])("$metric $labels is $value", ({ metric, labels, value }) => {
    expect(valueOf(samples, metric, labels)).toBe(value);
  });

  test("a covered node has no series of its own", () => {
    const well = samplesOf(stored(report([setVerdict(), instanceVerdict()])), endpoints(true));
    expect(valueOf(well, "node_status", {})).toBeUndefined();
    expect(valueOf(well, "nodes", { state: "covered" })).toBe(1);
  });

  test.each([
    { of: "that failed", instance: failed, heals: "true", since: NOW - HOUR },
    {
      of: "that lacks a permission",
      instance: { ...failed, reason: "denied" as const },
      heals: "false",
      since: NOW - HOUR,
    },
    { of: "that is not running", instance: instanceVerdict({ state: "not-running" }, { unprovenSince: NOW - HOUR }) },
    { of: "with metrics", instance: instanceVerdict() },
  ])("the time without metrics of a node $of", ({ instance, heals, since }) => {
    const told = samplesOf(stored(report([setVerdict(), instance])), endpoints(instance.state === "current"));
    const found = told.filter(({ metric }) => metric === "node_without_metrics_since_timestamp_seconds");
    const labels = { node: "akswin1000000", state: "failed", reason: instance.reason, heals_itself: heals };
    const expected = since === undefined ? [] : [{ labels, value: since / 1000 }];
    expect(found).toMatchObject(expected);
    expect(found).toHaveLength(expected.length);
  });

  test("a failed pass is no success, and what was observed before stays", () => {
    const failure = { fault: "transient", message: "no answer" } as const;
    const before = report([setVerdict(), failed]);
    const told = samplesOf(stored(failedReport(failure, before)), endpoints(false));
    expect(valueOf(told, "last_pass_success", { flow: "extension" })).toBe(0);
    expect(valueOf(told, "instances", { state: "failed" })).toBe(1);
  });

  test("before the first pass, and where a report cannot be read", () => {
    const told = samplesOf(stored("none"), stored("unknown-shape", { flow: "endpoints" }));
    expect(valueOf(told, "next_pass_timestamp_seconds", { flow: "extension" })).toBe(0);
    expect(valueOf(told, "report_readable", { flow: "extension" })).toBe(1);
    expect(valueOf(told, "report_readable", { flow: "endpoints" })).toBe(0);
    expect(valueOf(told, "nodes", { state: "blind" })).toBe(0);
  });
});

const nodeOf = (index: number) => parseNodeName(`akswin1${String(index).padStart(6, "0")}`);
const idOf = (group: string, name: string) =>
  parseClusterId(
    `/subscriptions/s/resourceGroups/${group}/providers/Microsoft.ContainerService/managedClusters/${name}`,
  );

test("two clusters with the same name have their group in the label", () => {
  const labels = clusterLabels([idOf("a", "shop"), idOf("b", "shop"), idOf("a", "depot")]);
  expect([...labels.values()]).toEqual(["a/shop", "b/shop", "depot"]);
});

const HOSTILE = { node: 'a"b\\c\n}', agentpool: "x".repeat(10_000), state: "blind", reason: "" };
const hostileText = (): Promise<string> =>
  metricsText([{ metric: "node_status", labels: HOSTILE, value: 1, cluster: "shop" }]);

test("hostile texts are escaped, and a series is one line", async () => {
  const text = await hostileText();
  const series = text.split("\n").filter((line) => line.startsWith("aks_windows_metrics_node_status"));
  expect(series).toEqual([
    `aks_windows_metrics_node_status{cluster="shop",node="a\\"b\\\\c\\n}",agentpool="${HOSTILE.agentpool}",state="blind",reason=""} 1`,
  ]);
});

/** Three clusters of 60 nodes, of which five in each are not covered. */
function manySamples(): readonly LabeledSample[] {
  return [0, 1, 2].flatMap((index) => {
    const verdicts = Array.from({ length: 60 }, (_, node) => {
      const subject = {
        kind: "instance",
        scaleSet: SET_ID,
        id: `${node}`,
        vmId: `${node}`,
        node: nodeOf(node),
      } as const;
      return node < 5 ? { ...failed, subject } : instanceVerdict({ subject });
    });
    const nodes = verdicts.map((_, node) => endpointVerdict({ subject: { kind: "node", node: nodeOf(node) } }));
    const flows = [
      stored(report([setVerdict(), ...verdicts])),
      stored(report([objectsVerdict(), ...nodes]), { flow: "endpoints" }),
    ];
    const cluster = `production-cluster-${index}`;
    return clusterSamples({ cluster: CLUSTER_ID, flows, pauses: NO_PAUSES }, NOW).map((sample) => ({
      ...sample,
      cluster,
    }));
  });
}

test("three clusters of 60 nodes, most of them covered, take at most 20 KB", async () => {
  const samples = manySamples();
  expect(samples.filter(({ metric }) => metric === "node_status")).toHaveLength(15);
  expect(Buffer.byteLength(await metricsText(samples))).toBeLessThanOrEqual(20_000);
});

test.skipIf(!hasPromtool).each([
  { what: "hostile texts", textOf: hostileText },
  { what: "three clusters of 60 nodes", textOf: () => metricsText(manySamples()) },
])("promtool check metrics finds nothing in $what (needs PROMETHEUS_DIR)", async ({ textOf }) => {
  expect(await checkMetrics(await textOf())).toEqual({ isSuccess: true, output: "" });
});
