import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dashboards } from "./dashboards.ts";
import type { History } from "./history.ts";
import { linesOf, seriesOf, tableOf } from "./panel-data.ts";
import { ALL, openPanelHistory, RANGE } from "./panel-history.ts";
import { hasPromtool } from "./promtool.ts";

const panels = Object.entries(dashboards).flatMap(([dashboard, { panels: own }]) =>
  own.map((panel) => ({ dashboard, title: panel.title, panel })),
);
const targets = panels.flatMap(({ dashboard, title, panel }) =>
  panel.targets.map((target) => ({ dashboard, title, refId: target.refId, target })),
);

function panelOf(dashboard: string, title: string) {
  const found = panels.find((each) => each.dashboard === dashboard && each.title === title);
  if (!found) throw new Error(`no panel ${title} in ${dashboard}`);
  return found.panel;
}

/** In minutes, what the steps of a subquery hide. */
const STEPS = 10;
const msOf = (minute: number): number => (RANGE.start + minute * 60) * 1000;

let history: History;
beforeAll(async () => {
  if (hasPromtool) history = await openPanelHistory();
});
afterAll(() => history?.close());

const HISTORY = "the history of three clusters (needs PROMETHEUS_DIR)";

describe.skipIf(!hasPromtool)(`on ${HISTORY}`, () => {
  test.each(targets)("$dashboard, $title, query $refId has data", async ({ target }) => {
    expect((await seriesOf(target, history.prometheus, { values: ALL, range: RANGE })).length).toBeGreaterThan(0);
  });

  test("the first row tells which nodes have no metrics, since when, why, and whether they heal", async () => {
    const { rows } = await tableOf(panelOf("fleet", "Windows nodes without metrics"), history.prometheus, ALL);
    const node = { Pool: "win1" };
    expect(rows).toMatchObject([
      {
        ...node,
        Cluster: "us",
        Node: "akswin1000002",
        State: "failed",
        Reason: "cause-package",
        "Heals by itself": "false",
        Since: msOf(0),
      },
      { ...node, Cluster: "us", Node: "akswin1000003", State: "no-answer", "Heals by itself": "not-known" },
      {
        ...node,
        Cluster: "ap",
        Node: "akswin1000001",
        State: "waiting-for-aks",
        Reason: "aks-busy",
        "Heals by itself": "true",
        Since: msOf(300),
      },
    ]);
    expect(rows).toHaveLength(3);
    expect(rows[1]?.["Since"]).toBeLessThanOrEqual(msOf(STEPS));
    const [count] = await linesOf(panelOf("fleet", "Nodes without metrics"), history.prometheus, {
      values: ALL,
      range: RANGE,
    });
    expect(count?.values).toEqual([3]);
  });

  test("the first row tells which nodes Prometheus lacks, where the app tells nothing", async () => {
    const panel = panelOf("fleet", "Windows nodes without metrics");
    const targets = panel.targets.map((each) => ({
      ...each,
      expr: each.expr.replaceAll("aks_windows_metrics_node_without_metrics_", "not_scraped_"),
    }));
    const { rows } = await tableOf({ ...panel, targets }, history.prometheus, ALL);
    const found = rows.map(({ Cluster, Node, State }) => `${Cluster}/${Node} ${State}`);
    expect(found.toSorted()).toEqual([
      "ap/akswin1000001 no-target",
      "us/akswin1000002 no-target",
      "us/akswin1000003 no-answer",
    ]);
  });

  test("the worst nodes are on top of the table of nodes", async () => {
    const { rows } = await tableOf(panelOf("fleet", "Windows nodes, the worst first"), history.prometheus, ALL);
    const named = rows.map(({ Cluster, Node }) => `${Cluster}/${Node}`);
    expect(named.slice(0, 3)).toEqual(["eu/akswin1000004", "eu/akswin1000005", "eu/akswin1000003"]);
    expect(named).toHaveLength(17);
  });

  test("a cell has a color where its node has a fault, and nowhere else", async () => {
    const panel = panelOf("fleet", "Windows nodes, the worst first");
    const { rows } = await tableOf(panel, history.prometheus, ALL);
    const colored = (panel.fieldConfig?.overrides ?? []).flatMap(({ matcher, properties }) => {
      const steps = properties.find(({ id }) => id === "thresholds")?.value as
        | { steps: { value: number }[] }
        | undefined;
      const from = steps?.steps[1]?.value ?? Number.POSITIVE_INFINITY;
      const title = String(matcher.options);
      return rows.filter((row) => Number(row[title]) >= from).map(({ Cluster, Node }) => `${title} ${Cluster}/${Node}`);
    });
    expect(colored.filter((each) => !each.startsWith("Highest use")).toSorted()).toEqual([
      "C: used eu/akswin1000005",
      "C: used eu/akswin1000006",
      "CPU us/akswin1000005",
      "Clock off by eu/akswin1000007",
      "Commit eu/akswin1000004",
      "Services down eu/akswin1000003",
      "TCP retransmitted eu/akswin1000008",
    ]);
  });
});

describe.skipIf(!hasPromtool)(`the faults on ${HISTORY}`, () => {
  test("critical alerts are on top", async () => {
    const { rows } = await tableOf(panelOf("fleet", "Firing alerts"), history.prometheus, ALL);
    expect(rows.slice(0, 4).map(({ Alert }) => Alert)).toEqual([
      "WindowsClusterNotScraped",
      "WindowsNodeCommitExhausted",
      "WindowsNodeDiskAlmostFull",
      "WindowsServiceNotRunning",
    ]);
    expect(rows[4]?.["Severity"]).toBe(2);
  });

  test.each([
    { dashboard: "fleet", title: "CPU: the ten worst", top: "us akswin1000005" },
    { dashboard: "fleet", title: "Commit: the ten worst", top: "eu akswin1000004" },
    { dashboard: "fleet", title: "C: used: the ten worst", top: "eu akswin1000005" },
    { dashboard: "fleet", title: "What the app does in each pool", top: "us win1" },
    { dashboard: "fleet", title: "Instances that do not have the exporter as desired", top: "eu win1: failed" },
    { dashboard: "node", title: "CPU", top: "us akswin1000005" },
    {
      dashboard: "node",
      title: "Packets with errors, and discarded",
      top: "errors Microsoft Hyper-V Network Adapter us akswin1000004",
    },
    { dashboard: "node", title: "TCP retransmitted", top: "eu akswin1000008" },
    { dashboard: "node", title: "Container commit of its limit", top: "us shop-7/cart-0/cart" },
    { dashboard: "node", title: "Boot time", top: "us akswin1000006" },
  ])("$dashboard, $title: the fault is on top", async ({ dashboard, title, top }) => {
    const found = await linesOf(panelOf(dashboard, title), history.prometheus, { values: ALL, range: RANGE });
    expect(found[0]?.name).toBe(top);
  });

  test.each([
    { title: "Free space by volume", low: "C: eu akswin1000005" },
    { title: "Services", low: "Kubelet eu akswin1000003" },
  ])("node, $title: the fault is the lowest", async ({ title, low }) => {
    const found = await linesOf(panelOf("node", title), history.prometheus, { values: ALL, range: RANGE });
    expect(found.at(-1)?.name).toBe(low);
  });

  test.each(panels.filter(({ title }) => title.endsWith("ten worst")))(
    "$title has ten whole lines",
    async ({ panel }) => {
      const found = await linesOf(panel, history.prometheus, { values: ALL, range: RANGE });
      expect(found).toHaveLength(10);
      expect(new Set(found.map(({ times }) => times.length)).size).toBe(1);
    },
  );
});

describe.skipIf(!hasPromtool)(`the events on ${HISTORY}`, () => {
  test.each([
    { title: "Collectors that fail", rows: [{ Cluster: "eu", Node: "akswin1000002", Collector: "net" }] },
    { title: "Nodes that restarted in 24 hours", rows: [{ Cluster: "us", Node: "akswin1000006" }] },
    {
      title: "Actions of the app",
      rows: [
        { Cluster: "eu", Count: 8, Action: "put-extension" },
        { Cluster: "us", Count: 1 },
      ],
    },
    {
      title: "Exporter versions and packages by pool",
      rows: [
        { Cluster: "eu", Nodes: 1, Desired: "no" },
        { Cluster: "us", Exporter: "0.31.7" },
        { Nodes: 4 },
        { Nodes: 8 },
      ],
    },
  ])("fleet, $title has what happened and nothing else", async ({ title, rows }) => {
    const found = await tableOf(panelOf("fleet", title), history.prometheus, ALL);
    expect(found.rows).toMatchObject(rows);
    expect(found.rows).toHaveLength(rows.length);
  });

  test("a selection of one cluster leaves out the nodes of the same name in the others", async () => {
    const values = { ...ALL, cluster: "eu", node: "akswin1000005" };
    const cpu = await linesOf(panelOf("node", "CPU"), history.prometheus, { values, range: RANGE });
    expect(cpu.map(({ name }) => name)).toEqual(["eu akswin1000005"]);
    const { rows } = await tableOf(panelOf("fleet", "Windows nodes without metrics"), history.prometheus, values);
    expect(rows).toEqual([]);
  });
});
