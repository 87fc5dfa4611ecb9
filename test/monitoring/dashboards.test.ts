import { describe, expect, test } from "vitest";
import { COLORS, SERIES_COLORS } from "../../monitoring/dashboards/look.ts";
import { COLORS_OF_STATES } from "../../monitoring/dashboards/texts.ts";
import { dashboardFaults } from "./dashboard-faults.ts";
import { type DashboardPanel, dashboards, type ReadDashboard } from "./dashboards.ts";
import { alerts } from "./rule-files.ts";

const all = Object.entries(dashboards).map(([name, dashboard]) => ({ name, dashboard }));
const fleet = dashboards["fleet"] as ReadDashboard;

const isColored = ({ properties }: { readonly properties: readonly { readonly id: string }[] }): boolean =>
  properties.some(({ id }) => id === "color");

describe.each(all)("the dashboard $name", ({ dashboard }) => {
  test("has no fault that Grafana's linter looks for, and only known metrics and labels", () => {
    expect(dashboardFaults(dashboard)).toEqual([]);
  });

  test("has panels that do not overlap, beside each other in 24 columns, with titles of their own", () => {
    const cells = dashboard.panels.flatMap(({ gridPos }) => cellsOf(gridPos));
    expect(new Set(cells).size).toBe(cells.length);
    expect(dashboard.panels.every(({ gridPos: { x = 0, w = 0 } = {} }) => x + w <= 24)).toBe(true);
    const names = dashboard.panels.flatMap(({ title, id }) => [title, `${id}`]);
    expect(new Set(names).size).toBe(names.length);
  });

  test("says in words what an empty table or state means", () => {
    const silent = dashboard.panels.filter(
      ({ type, fieldConfig }) => type !== "timeseries" && !fieldConfig?.defaults.noValue,
    );
    expect(silent.map(({ title }) => title)).toEqual(dashboard === fleet ? ["Nodes without metrics"] : []);
  });

  test("has a color for every line that is not left to Grafana's palette", () => {
    const lines = dashboard.panels.filter(({ type }) => type === "timeseries");
    const left = lines.filter(
      ({ fieldConfig, targets }) =>
        !fieldConfig?.defaults.color && (fieldConfig?.overrides ?? []).filter(isColored).length < targets.length,
    );
    expect(left.map(({ title }) => title)).toEqual([]);
  });

  test("has only colors that can be told apart with every kind of color vision", () => {
    const used = new Set(JSON.stringify(dashboard).match(/#[0-9A-F]{6}\b/gi));
    const safe = new Set<string>([...Object.values(COLORS), ...SERIES_COLORS, ...Object.values(COLORS_OF_STATES)]);
    expect([...used].filter((color) => !safe.has(color))).toEqual([]);
    expect(JSON.stringify(dashboard)).not.toMatch(
      /palette-classic|continuous-(GrYlRd|RdYlGr|greens)|"(red|green|orange|yellow)"/,
    );
  });
});

function cellsOf({
  x = 0,
  y = 0,
  w = 0,
  h = 0,
}: Partial<Record<"x" | "y" | "w" | "h", number>> = {}): readonly string[] {
  return Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`);
}

const linked = fleet.panels.flatMap((panel) =>
  (panel.fieldConfig?.overrides ?? []).flatMap(({ properties }) =>
    properties.flatMap(({ id, value }) =>
      id === "links" ? [{ panel, link: (value as { url: string }[])[0]?.url ?? "" }] : [],
    ),
  ),
);

test("a node in a table links to its dashboard, with variables and columns that are there", () => {
  expect(linked.map(({ panel }) => panel.title)).toEqual([
    "Windows nodes without metrics",
    "Windows nodes, the worst first",
  ]);
  const node = dashboards["node"] as ReadDashboard;
  const variables = node.templating.list.map(({ name }) => name);
  for (const { panel, link } of linked) {
    const { pathname, searchParams } = new URL(link, "https://grafana.example");
    expect(pathname).toBe(`/d/${node.uid}`);
    const names = [...searchParams.keys()].flatMap((key) => /^var-(.+)/.exec(key)?.[1] ?? []);
    expect(variables).toEqual(expect.arrayContaining(names));
    const fields = [...link.matchAll(/__data\.fields\.(\w+)/g)].map(([, field]) => field);
    const titles = panel.fieldConfig?.overrides.map(({ matcher }) => matcher.options);
    expect(titles).toEqual(expect.arrayContaining(fields));
    expect([names, fields]).toEqual([["datasource", "cluster", "node"], ["in"]]);
  }
});

test("the services of the table of nodes are those of the alert", () => {
  const [, services] =
    /name=~"([^"]+)"/.exec(alerts.find(({ alert }) => alert === "WindowsServiceNotRunning")?.expr ?? "") ?? [];
  expect(services).toContain("kubelet");
  expect(JSON.stringify(fleet)).toContain(JSON.stringify(`name=~"${services}"`).slice(1, -1));
});

type Changed = (dashboard: ReadDashboard) => ReadDashboard;
const withPanel =
  (change: (panel: DashboardPanel) => Partial<DashboardPanel>): Changed =>
  (dashboard) => ({
    ...dashboard,
    panels: dashboard.panels.map((panel, index) => (index === 0 ? { ...panel, ...change(panel) } : panel)),
  });
const withExpr = (expr: string): Changed =>
  withPanel(({ targets }) => ({ targets: targets.map((each) => ({ ...each, expr })) }));
const withVariable =
  (change: object): Changed =>
  (dashboard) => ({
    ...dashboard,
    templating: {
      list: dashboard.templating.list.map((each, index) => (index === 1 ? { ...each, ...change } : each)),
    },
  });
const BOOT = 'windows_system_boot_time_timestamp{job="windows-exporter",agentpool=~"$agentpool"}';
const SELECTED = 'job="windows-exporter",cluster=~"$cluster",agentpool=~"$agentpool"';

test.each<{ fault: string; change: Changed }>([
  {
    fault: "template-datasource",
    change: ({ templating, ...rest }) => ({ ...rest, templating: { list: templating.list.slice(1) } }),
  },
  { fault: "template-on-time-change-reload: cluster", change: withVariable({ refresh: 1 }) },
  {
    fault: "template-label-promql: cluster: unknown metric gone",
    change: withVariable({ query: "label_values(gone, cluster)" }),
  },
  {
    fault: "template-label-promql: cluster: no label pod",
    change: withVariable({ query: "label_values(node:windows_node_up:max, pod)" }),
  },
  { fault: "template-instance", change: withVariable({ name: "other" }) },
  { fault: "uneditable", change: (dashboard) => ({ ...dashboard, editable: true }) },
  { fault: "panel-title-description", change: withPanel(() => ({ description: "" })) },
  { fault: "panel-datasource", change: withPanel(() => ({ datasource: { uid: "prometheus-1" } })) },
  { fault: "panel-units", change: withPanel(() => ({ fieldConfig: { defaults: { unit: "" }, overrides: [] } })) },
  { fault: "panel-no-targets", change: withPanel(() => ({ targets: [] })) },
  {
    fault: "target-promql: unknown metric windows_os_visible_memory_bytes",
    change: withExpr("windows_os_visible_memory_bytes"),
  },
  {
    fault: "target-promql: windows_memory_commit_limit is asked of job undefined",
    change: withExpr("windows_memory_commit_limit"),
  },
  { fault: "target-rate-interval: 1m", change: withExpr(`rate(windows_cpu_time_total{${SELECTED}}[1m])`) },
  { fault: "target-counter-agg: windows_cpu_time_total", change: withExpr(`windows_cpu_time_total{${SELECTED}}`) },
  {
    fault: "shows no label pod",
    change: withPanel(({ targets }) => ({ targets: targets.map((each) => ({ ...each, legendFormat: "{{pod}}" })) })),
  },
  {
    fault: "shows no label volume",
    change: withPanel(() => ({
      transformations: [{ id: "organize", options: { indexByName: { volume: 0, Value: 1 } } }],
    })),
  },
  { fault: "target-instance: windows_system_boot_time_timestamp cluster", change: withExpr(BOOT) },
])("the check finds $fault", ({ fault, change }) => {
  expect(dashboardFaults(change(fleet)).join("\n")).toContain(fault);
});
