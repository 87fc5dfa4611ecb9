import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ExporterSample } from "../simulators/exporter-samples.ts";
import { dashboards } from "./dashboards.ts";
import type { History } from "./history.ts";
import { seriesOf, tableOf } from "./panel-data.ts";
import { ALL, openPanelHistory, RANGE } from "./panel-history.ts";
import { hasPromtool } from "./promtool.ts";

/** A Prometheus in the cluster `us` alone, which does not scrape the app: no series has the label `cluster`. */
function ofOneCluster(samples: readonly ExporterSample[]): readonly ExporterSample[] {
  return samples.flatMap(({ metric, labels: { cluster, ...labels }, value }) => {
    const isOfApp = metric.startsWith("aks_windows_metrics_") && !metric.endsWith("_package_info");
    return cluster !== "us" || isOfApp || metric.endsWith("desired_package_info") ? [] : [{ metric, labels, value }];
  });
}

const panels = Object.entries(dashboards).flatMap(([dashboard, { panels: own }]) =>
  own.map((panel) => ({ dashboard, title: panel.title, panel })),
);
/** Panels about the app, and about what did not happen in this part of the history. */
const EMPTY = [
  "Windows nodes by state",
  "What the app does in each pool",
  "Instances that do not have the exporter as desired",
  "Actions of the app",
  "Collectors that fail",
  "Nodes that restarted in 24 hours",
];

let history: History;
beforeAll(async () => {
  if (hasPromtool) history = await openPanelHistory({ minutes: 120, change: ofOneCluster, alerts: 8 });
});
afterAll(() => history?.close());

describe.skipIf(!hasPromtool)(
  "the panels without labels for clusters and without the app (needs PROMETHEUS_DIR)",
  () => {
    test("have data, but for those about the app", async () => {
      const counts = await Promise.all(
        panels.map(async ({ title, panel }) => {
          const shown = { values: ALL, range: RANGE };
          const found = await Promise.all(panel.targets.map((each) => seriesOf(each, history.prometheus, shown)));
          return { title, series: found.flat().length };
        }),
      );
      expect(counts.filter(({ series }) => series === 0).map(({ title }) => title)).toEqual(EMPTY);
    });

    test("tell which nodes Prometheus has no metrics of, and what it lacks", async () => {
      const panel = panels.find(({ title }) => title === "Windows nodes without metrics")?.panel;
      const { rows } = panel ? await tableOf(panel, history.prometheus, ALL) : { rows: [] };
      const common = { Pool: "win1", in: ".*", "Heals by itself": "not-known" };
      expect(rows.toSorted((a, b) => (String(a["Node"]) < String(b["Node"]) ? -1 : 1))).toMatchObject([
        { ...common, Node: "akswin1000002", State: "no-target" },
        { ...common, Node: "akswin1000003", State: "no-answer" },
      ]);
      expect(rows).toHaveLength(2);
    });
  },
);
