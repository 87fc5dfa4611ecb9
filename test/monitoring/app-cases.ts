import { APP, app, exporter, kubeNode, NODE, ONE, OTHER, up, WELL, ZERO } from "./case-series.ts";
import type { RuleCase } from "./promtool.ts";

const POOL = 'pool="win1"';
const firing = (alert: string, labels: string): string =>
  `{alertname="${alert}",cluster="eu"${labels === "" ? "" : `,${labels}`}}`;
const FLOW = 'flow="extension"';
const REMOVED = `${FLOW},action="put-extension",reason="missing",outcome="submitted"`;
const refused = ["refused", "unreadable", "degraded", "held"].map(
  (state) => `${POOL},state="${state}",reason="denied"`,
);
const onCluster = ["refused", "package-unusable", "held"].map((state) => `state="${state}",reason="package-unusable"`);
const packageOf = (name: string) =>
  exporter("aks_windows_metrics_package_info", ONE, { labels: `package="${name}",version="0.31.8"` });

/** Returns a case beside a scraped node. */
function appCase(alert: string, name: string, series: RuleCase["series"], expected: RuleCase["firing"]): RuleCase {
  return { alert, name, series: { ...WELL, ...series }, firing: expected };
}

export const APP_CASES: readonly RuleCase[] = [
  appCase("WindowsMetricsPassOverdue", "no pass since the start", app("next_pass_timestamp_seconds", FLOW, ZERO), {
    20: [],
    21: [firing("WindowsMetricsPassOverdue", FLOW)],
  }),
  appCase("WindowsMetricsPassOverdue", "a pass each minute", app("next_pass_timestamp_seconds", FLOW, "60+60x600"), {
    60: [],
  }),
  appCase("WindowsMetricsPassFailing", "every pass fails", app("last_pass_success", FLOW, "1x10 0x600"), {
    44: [],
    45: [firing("WindowsMetricsPassFailing", FLOW)],
  }),
  appCase(
    "WindowsMetricsPassFailing",
    "a pass in 20 minutes succeeds",
    app("last_pass_success", FLOW, "1 0x19 1 0x19 1 0x19 1 0x19 1 0x9"),
    {
      60: [],
      85: [],
    },
  ),
  appCase(
    "WindowsMetricsInstancesStuck",
    "one instance failed",
    {
      ...app("instances", `${POOL},state="failed",reason="cause-download"`, ONE),
      ...app("instances", `${POOL},state="installing"`, ONE),
      ...app("instances", `${POOL},state="failed",reason="cause-node"`, ZERO),
    },
    { 29: [], 30: [firing("WindowsMetricsInstancesStuck", `${POOL},state="failed",reason="cause-download"`)] },
  ),
  appCase("WindowsMetricsInstancesStuck", "no failed instance", app("instances", `${POOL},state="current"`, ONE), {
    60: [],
  }),
  appCase(
    "WindowsMetricsRefused",
    "a scale set in each state that needs an operator",
    Object.assign({}, ...refused.map((labels) => app("scale_sets", labels, ONE))),
    { 29: [], 30: refused.map((labels) => firing("WindowsMetricsRefused", labels)) },
  ),
  appCase(
    "WindowsMetricsRefused",
    "a cluster in each state that needs an operator",
    Object.assign({}, ...onCluster.map((labels) => app("cluster_verdicts", `${FLOW},${labels}`, ONE))),
    { 29: [], 30: onCluster.map((labels) => firing("WindowsMetricsRefused", labels)) },
  ),
  appCase(
    "WindowsMetricsRefused",
    "a scale set that waits, and none that is refused",
    {
      ...app("scale_sets", `${POOL},state="waiting",reason="aks-busy"`, ONE),
      ...app("cluster_verdicts", `${FLOW},state="in-sync",reason=""`, ONE),
      ...app("scale_sets", `${POOL},state="refused",reason="denied"`, ZERO),
    },
    { 60: [] },
  ),
  appCase(
    "WindowsExtensionRemovedRepeatedly",
    "three removals in four hours",
    app("actions_total", REMOVED, "0x59 1x149 2x89 3x400"),
    {
      299: [],
      300: [firing("WindowsExtensionRemovedRepeatedly", "")],
    },
  ),
  appCase("WindowsExtensionRemovedRepeatedly", "two removals", app("actions_total", REMOVED, "0x59 1x59 2x400"), {
    200: [],
  }),
  appCase(
    "WindowsExtensionRemovedRepeatedly",
    "three removals in eight hours",
    app("actions_total", REMOVED, "0x59 1x239 2x239 3x60"),
    {
      540: [],
    },
  ),
  appCase(
    "WindowsPackageNotDesired",
    "a node with an older package",
    { ...packageOf("old"), ...app("desired_package_info", 'package="new",version="0.31.8"', ONE) },
    { 359: [], 360: ['{alertname="WindowsPackageNotDesired",cluster="eu",agentpool="win1",package="old"}'] },
  ),
  appCase(
    "WindowsPackageNotDesired",
    "a node with the desired package",
    { ...packageOf("new"), ...app("desired_package_info", 'package="new",version="0.31.8"', ONE) },
    { 400: [] },
  ),
  appCase("WindowsPackageNotDesired", "the app has no desired package", packageOf("old"), { 400: [] }),
  {
    alert: "WindowsMetricsAbsent",
    name: "the app is not scraped",
    series: { ...kubeNode(OTHER), ...up(ONE, OTHER), ...kubeNode(NODE), ...up() },
    firing: { 14: [], 15: ['{alertname="WindowsMetricsAbsent"}'] },
  },
  { alert: "WindowsMetricsAbsent", name: "the app is scraped", series: APP, firing: { 60: [] } },
];
