import {
  alertOn,
  APP,
  app,
  exporter,
  kubeCreated,
  kubeNode,
  NODE,
  ONE,
  OTHER,
  target,
  up,
  WELL,
  ZERO,
} from "./case-series.ts";
import type { RuleCase } from "./promtool.ts";

const NOT_SCRAPED = alertOn("WindowsNodeNotScraped");
const DOWN = alertOn("WindowsExporterDown");
const CLUSTER = '{alertname="WindowsClusterNotScraped",cluster="eu"}';

/** Returns a case about the ready node without a target, beside one that is scraped. */
function unscraped(name: string, series: RuleCase["series"], firing: RuleCase["firing"]): RuleCase {
  return { alert: "WindowsNodeNotScraped", name, series: { ...WELL, ...kubeNode(), ...series }, firing };
}

const NODE_STATUS = `node="${NODE}",agentpool="win1"`;

export const COVERAGE_CASES: readonly RuleCase[] = [
  {
    alert: "WindowsClusterNotScraped",
    name: "no node has a target",
    series: { ...APP, ...kubeNode() },
    firing: { 39: [], 40: [CLUSTER, NOT_SCRAPED] },
  },
  {
    alert: "WindowsClusterNotScraped",
    name: "no node answers",
    series: { ...APP, ...kubeNode(), ...up(ZERO) },
    firing: { 14: [], 39: [DOWN], 40: [CLUSTER, DOWN] },
  },
  { alert: "WindowsClusterNotScraped", name: "the only node answers", series: WELL, firing: { 60: [] } },
  {
    alert: "WindowsClusterNotScraped",
    name: "the same node name in two clusters, one of which is not scraped",
    series: { ...APP, ...kubeNode(), ...up(), ...kubeNode(NODE, { cluster: "us" }) },
    firing: {
      40: ['{alertname="WindowsClusterNotScraped",cluster="us"}', NOT_SCRAPED.replace('cluster="eu"', 'cluster="us"')],
    },
  },
  unscraped("a ready node without a target", {}, { 39: [], 40: [NOT_SCRAPED] }),
  unscraped("a new node", kubeNode(NODE, { info: "_x20 1x600" }), { 59: [], 60: [NOT_SCRAPED] }),
  unscraped("a new node with the name of an old one", kubeCreated(20), { 59: [], 60: [NOT_SCRAPED] }),
  unscraped("a node that is not ready", kubeNode(NODE, { isReady: ZERO }), { 60: [] }),
  {
    alert: "WindowsNodeNotScraped",
    name: "a Linux node",
    series: { ...WELL, ...kubeNode("aks-system-1", { os: "Ubuntu 22.04" }) },
    firing: { 60: [] },
  },
  unscraped("a pool that is off", app("node_status", `${NODE_STATUS},state="excluded",reason="pool-off"`, ONE), {
    60: [],
  }),
  unscraped("a stopped machine", app("node_status", `${NODE_STATUS},state="not-running",reason="stopped"`, ONE), {
    60: [],
  }),
  unscraped("a paused cluster", app("node_status", `${NODE_STATUS},state="planned",reason="paused"`, ONE), { 60: [] }),
  unscraped("a failed node", app("node_status", `${NODE_STATUS},state="failed",reason="cause-node"`, ONE), {
    60: [NOT_SCRAPED],
  }),
  unscraped("an observed node", app("node_status", `${NODE_STATUS},state="planned",reason="observe-only"`, ONE), {
    60: [NOT_SCRAPED],
  }),
  {
    alert: "WindowsNodeNotScraped",
    name: "kube-state-metrics is gone",
    series: { ...APP, ...up() },
    firing: { 60: [] },
  },
  {
    alert: "WindowsExporterDown",
    name: "a ready node does not answer",
    series: { ...WELL, ...kubeNode(), ...up(ZERO) },
    firing: { 14: [], 15: [DOWN] },
  },
  {
    alert: "WindowsExporterDown",
    name: "a node that is not ready does not answer",
    series: { ...WELL, ...kubeNode(NODE, { isReady: ZERO }), ...up(ZERO) },
    firing: { 60: [] },
  },
  {
    alert: "WindowsExporterDown",
    name: "kube-state-metrics is gone",
    series: { ...APP, ...up(ONE, OTHER), ...up(ZERO) },
    firing: { 14: [], 15: [DOWN] },
  },
  {
    alert: "WindowsExporterDown",
    name: "the exporter restarts",
    series: { ...WELL, ...kubeNode(), ...up("1x20 0x2 1x600") },
    firing: { 25: [], 60: [] },
  },
  {
    alert: "WindowsExporterCollectorFailing",
    name: "one collector of two fails",
    series: {
      ...WELL,
      ...exporter("windows_exporter_collector_success", ZERO, { labels: 'collector="net"' }),
      ...exporter("windows_exporter_collector_success", ONE, { labels: 'collector="cpu"' }),
    },
    firing: { 14: [], 15: [alertOn("WindowsExporterCollectorFailing", NODE, 'collector="net"')] },
  },
  {
    alert: "WindowsExporterCollectorFailing",
    name: "every collector succeeds",
    series: { ...WELL, ...exporter("windows_exporter_collector_success", ONE, { labels: 'collector="net"' }) },
    firing: { 60: [] },
  },
  {
    alert: "WindowsNodeScrapedTwice",
    name: "two targets of one node",
    series: { ...WELL, [`up{${target(OTHER)},service="windows"}`]: ONE },
    firing: { 14: [], 15: [`{alertname="WindowsNodeScrapedTwice",cluster="eu",node="${OTHER}"}`] },
  },
  {
    alert: "WindowsNodeScrapedTwice",
    name: "the same node name in two clusters",
    series: { ...WELL, ...up(ONE, OTHER, "us") },
    firing: { 60: [] },
  },
  {
    alert: "WindowsExporterVersionSkew",
    name: "two versions in a pool",
    series: {
      ...WELL,
      ...exporter("windows_exporter_build_info", ONE, { labels: 'version="0.31.8"' }),
      ...exporter("windows_exporter_build_info", ONE, { labels: 'version="0.31.7"', node: OTHER }),
    },
    firing: { 359: [], 360: ['{alertname="WindowsExporterVersionSkew",cluster="eu",agentpool="win1"}'] },
  },
  {
    alert: "WindowsExporterVersionSkew",
    name: "one version on two nodes",
    series: {
      ...WELL,
      ...exporter("windows_exporter_build_info", ONE, { labels: 'version="0.31.8"' }),
      ...exporter("windows_exporter_build_info", ONE, { labels: 'version="0.31.8"', node: OTHER }),
    },
    firing: { 400: [] },
  },
];
