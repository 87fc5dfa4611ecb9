import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ExporterSample, exporterSamples } from "../simulators/exporter-samples.ts";
import { type History, openHistory } from "./history.ts";
import { hasPromtool } from "./promtool.ts";
import { RULES_FOLDER } from "./rule-files.ts";

const data = process.env["MONITORING_DATA"] ?? "";
const mixinRules = path.join(data, "mixin-windows-rules.yaml");
const mixinQueries = path.join(data, "mixin-windows-queries.json");
const hasMixin = data !== "" && existsSync(mixinRules) && existsSync(mixinQueries);

/** The windows of one minute in the mixin's rules need two samples. */
const STEP = 15;
const end = Math.floor(Date.now() / 60_000) * 60;
const range = { start: end - 1800, end, step: STEP };
const NODES = ["akswin1000001", "akswin1000002"];
const VARIABLES = {
  $cluster: "eu",
  $instance: NODES[0] ?? "",
  $namespace: "shop",
  $pod: "cart-0",
  $__rate_interval: "5m",
};

interface Panel {
  readonly dashboard: string;
  readonly expr: string;
}

/** Returns the queries of the mixin's dashboards, with a value for each variable. */
function panels(): readonly Panel[] {
  const all = JSON.parse(readFileSync(mixinQueries, "utf8")) as readonly { d: string; expr: string }[];
  return all.map(({ d, expr }) => ({
    dashboard: d,
    expr: Object.entries(VARIABLES).reduce((text, [name, value]) => text.replaceAll(name, value), expr),
  }));
}

function samplesAt(seconds: number): readonly ExporterSample[] {
  return NODES.flatMap((node) => {
    const target = { job: "windows-exporter", cluster: "eu", agentpool: "win1", instance: node, node };
    const scraped = exporterSamples(node, seconds).map(({ metric, labels, value }) => {
      const id = labels["container_id"];
      const own =
        id === undefined ? labels : { ...labels, container_id: `${id}-${node}`, pod: podOf(labels["pod"], node) };
      return { metric, labels: { ...target, ...own }, value };
    });
    return [...scraped, ...kubeSamples(scraped)];
  });
}

/** Returns a name of its own for the pod of each node but the first. */
function podOf(pod: string | undefined, node: string): string {
  return node === NODES[0] ? `${pod}` : `${pod}-${node}`;
}

/** Returns what kube-state-metrics says about the containers that an exporter shows. */
function kubeSamples(scraped: readonly ExporterSample[]): readonly ExporterSample[] {
  const containers = scraped.filter(({ metric }) => metric === "windows_container_available");
  return containers.flatMap(({ labels }) => {
    const { cluster = "", namespace = "", pod = "", container = "", container_id = "" } = labels;
    const own = { job: "kube-state-metrics", cluster, namespace, pod, container };
    const resources = [
      { resource: "cpu", unit: "core", value: 1 },
      { resource: "memory", unit: "byte", value: 1024 ** 3 },
    ];
    return [
      { metric: "kube_pod_container_info", labels: { ...own, container_id }, value: 1 },
      ...["limits", "requests"].flatMap((kind) =>
        resources.map(({ value, ...rest }) => ({
          metric: `kube_pod_container_resource_${kind}`,
          labels: { ...own, ...rest },
          value,
        })),
      ),
    ];
  });
}

/** Starts a history with the mixin's recordings. Some read others, which needs three rounds. */
function openMixin(...before: readonly string[]): Promise<History> {
  const recordings = [...before, mixinRules, mixinRules, mixinRules];
  return openHistory({ folder: process.env["PROMETHEUS_DIR"] ?? "", range, samplesAt, recordings });
}

/** Returns the number of queries without data, by dashboard. */
async function emptyPanels({ prometheus }: History): Promise<Readonly<Record<string, number>>> {
  const found = await Promise.all(
    panels().map(async (panel) => ({ ...panel, series: await prometheus.queryRange(panel.expr, range) })),
  );
  const empty = found.filter(({ series }) => series.length === 0);
  return Object.fromEntries(
    [...Map.groupBy(empty, ({ dashboard }) => dashboard)].map(([name, all]) => [name, all.length]),
  );
}

describe.skipIf(!hasPromtool || !hasMixin)(
  "the Windows dashboards of kubernetes-mixin (needs PROMETHEUS_DIR and MONITORING_DATA)",
  () => {
    let [without, withCompat]: (History | undefined)[] = [];
    beforeAll(async () => {
      without = await openMixin();
      withCompat = await openMixin(`${RULES_FOLDER}/compat.yaml`);
    });
    afterAll(async () => {
      await without?.close();
      await withCompat?.close();
    });

    // One of the two of the cluster is divided by a recording that is empty, and shows NaN.
    test("have seven panels without data", async () => {
      expect(without && (await emptyPanels(without))).toEqual({
        "k8s-resources-windows-cluster": 3,
        "k8s-windows-cluster-rsrc-use": 2,
        "k8s-windows-node-rsrc-use": 2,
      });
    });

    test("have data in every panel with compat.yaml", async () => {
      expect(panels().length).toBeGreaterThan(60);
      expect(withCompat && (await emptyPanels(withCompat))).toEqual({});
    });
  },
);
