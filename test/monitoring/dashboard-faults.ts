import { type DashboardPanel, type ReadDashboard, withValues } from "./dashboards.ts";
import { checkExpression } from "./expression-faults.ts";
import { type KnownMetrics, SCRAPED } from "./known-metrics.ts";
import { KNOWN } from "./known-recordings.ts";

/** What an alert's series has, of the labels that its rule gives it. */
const ALERT_LABELS = ["alertname", "alertstate", "severity", "cluster", "agentpool", "node", "pool"];
const KNOWN_OR_ALERTS: KnownMetrics = new Map([
  ...KNOWN.entries(),
  ["ALERTS", { type: "gauge", labels: ALERT_LABELS }],
  ["ALERTS_FOR_STATE", { type: "gauge", labels: ALERT_LABELS }],
] as const);
const VALUES = { cluster: ".*", agentpool: ".*", node: ".*", __rate_interval: "5m", __range: "6h" };
/** Units of Grafana, of which dashboards use these. */
const UNITS = "none short percentunit bytes Bps bps pps ops s dateTimeAsIso dateTimeAsIsoNoDateIfToday".split(" ");
const DESIRED_PACKAGE = "aks_windows_metrics_desired_package_info";
const ON_TIME_RANGE_CHANGE = 2;

/** Returns what a dashboard lacks of the rules of Grafana's dashboard-linter, each with the name of the rule. */
export function dashboardFaults(dashboard: ReadDashboard): readonly string[] {
  const { editable, panels, templating } = dashboard;
  const [source, ...variables] = templating.list;
  const isSource = source?.type === "datasource" && source.name === "datasource" && source.label === "Data source";
  return [
    ...(isSource && source.query === "prometheus" ? [] : ["template-datasource"]),
    ...variables.flatMap(({ name, query, refresh }) => [
      ...(refresh === ON_TIME_RANGE_CHANGE ? [] : [`template-on-time-change-reload: ${name}`]),
      ...queryFaults(query).map((fault) => `template-label-promql: ${name}: ${fault}`),
    ]),
    ...(variables.some(({ name }) => name === "cluster") ? [] : ["template-instance"]),
    ...(editable === false ? [] : ["uneditable"]),
    ...panels.flatMap((panel) =>
      panelFaults(
        panel,
        variables.map(({ name }) => name),
      ).map((fault) => `${fault}: ${panel.title}`),
    ),
  ];
}

function queryFaults(query: string): readonly string[] {
  const [, selector = "", label = ""] = /^label_values\((.+), (\w+)\)$/.exec(query) ?? [];
  const names = /^\{__name__=~"(\w*:\w+)\((.+)\)"\}$/.exec(selector);
  const selectors = names ? (names[2] ?? "").split("|").map((end) => `${names[1]}${end}`) : [selector];
  return selectors.flatMap((each) => {
    const { faults, labels } = checkExpression(withValues(each, VALUES), KNOWN_OR_ALERTS);
    return [...faults, ...(labels?.has(label) ? [] : [`no label ${label}`])];
  });
}

const isText = (text: string | undefined): boolean => text !== undefined && /^[A-Z].+/s.test(text);

function panelFaults(panel: DashboardPanel, variables: readonly string[]): readonly string[] {
  const { title, description, datasource, targets, fieldConfig } = panel;
  return [
    ...(isText(title) && isText(description) ? [] : ["panel-title-description"]),
    ...(datasource?.uid === "$datasource" ? [] : ["panel-datasource"]),
    ...(UNITS.includes(fieldConfig?.defaults.unit ?? "") ? [] : ["panel-units"]),
    ...(targets.length > 0 ? [] : ["panel-no-targets"]),
    ...columnFaults(panel),
    ...targets.flatMap(({ expr, datasource: own, legendFormat = "" }) => [
      ...labelFaults(legendFormat.match(/(?<=\{\{)\w+(?=\}\})/g) ?? [], [expr]),
      ...(own?.uid === "$datasource" ? [] : ["panel-datasource"]),
      ...targetFaults(expr, variables),
    ]),
  ];
}

interface Organize {
  readonly indexByName?: Readonly<Record<string, number>>;
}

/** A column of a table is a value, or a label of a query. */
function columnFaults({ targets, transformations = [] }: DashboardPanel): readonly string[] {
  const names = transformations.flatMap(({ options }) => Object.keys((options as Organize).indexByName ?? {}));
  const exprs = targets.map(({ expr }) => expr);
  return labelFaults(
    names.filter((name) => !name.startsWith("Value")),
    exprs,
  );
}

function labelFaults(names: readonly string[], exprs: readonly string[]): readonly string[] {
  const known = exprs.map((expr) => checkExpression(withValues(expr, VALUES), KNOWN_OR_ALERTS).labels);
  return names.filter((name) => !known.some((labels) => labels?.has(name))).map((name) => `shows no label ${name}`);
}

function targetFaults(expr: string, variables: readonly string[]): readonly string[] {
  const names = (pattern: RegExp): readonly string[] => [...expr.matchAll(pattern)].map(([, name = ""]) => name);
  const windows = names(/\bi?rate\([\w:]+(?:\{[^}]*\})?\[([^\]]*)\]/g).filter((each) => each !== "$__rate_interval");
  return [
    ...checkExpression(withValues(expr, VALUES), KNOWN_OR_ALERTS).faults.map((fault) => `target-promql: ${fault}`),
    ...windows.map((each) => `target-rate-interval: ${each}`),
    ...selectorsOf(expr).flatMap(({ before, metric, matchers }) => [
      ...(SCRAPED.get(metric)?.type === "counter" && !/(rate|increase)\($/.test(before)
        ? [`target-counter-agg: ${metric}`]
        : []),
      ...unmatched(metric, variables, matchers).map((name) => `target-instance: ${metric} ${name}`),
    ]),
  ];
}

/** What the variable selects of another job is joined with what it selects of the exporters. */
function unmatched(metric: string, variables: readonly string[], matchers: string): readonly string[] {
  const labels = KNOWN_OR_ALERTS.get(metric)?.labels ?? [];
  const isJoined = SCRAPED.get(metric)?.job === "kube-state-metrics" || metric === DESIRED_PACKAGE;
  if (isJoined) return [];
  return variables.filter((name) => labels.includes(name) && !matchers.includes(`$${name}`));
}

function selectorsOf(expr: string) {
  const found = expr.matchAll(/\b((?:windows|aks|kube|node|node_volume|namespace_pod|ALERTS)[\w:]*)(?:\{([^}]*)\})?/g);
  return [...found]
    .filter(([, metric = ""]) => KNOWN_OR_ALERTS.has(metric))
    .map(({ index, 1: metric = "", 2: matchers = "" }) => ({ before: expr.slice(0, index), metric, matchers }));
}
