import { alertsTable } from "../alerts.ts";
import { COLORS, thresholds, valuesAs } from "../look.ts";
import { bars, lines, states } from "../panels.ts";
import { table } from "../table.ts";
import { COLORS_OF_STATES, LEVELS_AS, REASONS_AS } from "../texts.ts";
import { CLUSTER, POOL } from "./columns.ts";
import { NODES, POOL_LEVELS, POOLS, VERSIONS } from "./queries.ts";

/** What fires, and since when nodes are in their states. */
export const ALERTS = [
  alertsTable(NODES, { span: 12, height: 9 }),
  lines({
    title: "Windows nodes by state",
    description:
      "The states that the status page shows, over time: when nodes lost their metrics, and when they got them back. Needs the app's metrics.",
    span: 12,
    height: 9,
    unit: "none",
    series: { "{{state}}": 'sum by (state) (aks_windows_metrics_nodes{cluster=~"$cluster"}) > 0' },
    colors: COLORS_OF_STATES,
    isStacked: true,
  }),
];

/** What the app does now. */
export const APP = [
  states({
    title: "What the app does in each pool",
    description: "The state of the scale sets of each pool, by how much they need a person. Needs the app's metrics.",
    span: 12,
    height: 6,
    unit: "none",
    series: { "{{cluster}} {{pool}}": POOL_LEVELS },
    mappings: LEVELS_AS,
    thresholds: thresholds(COLORS.well, [
      [1, COLORS.working],
      [2, COLORS.waiting],
      [3, COLORS.trouble],
    ]),
    empty: "Prometheus does not scrape the app: see docs/metrics.md.",
  }),
  bars({
    title: "Instances that do not have the exporter as desired",
    description:
      "How many instances of each pool are in which state, but those that are current. Needs the app's metrics.",
    span: 12,
    height: 6,
    unit: "none",
    series: {
      "{{cluster}} {{pool}}: {{state}}": `sum by (cluster, pool, state) (aks_windows_metrics_instances{${POOLS},state!="current"})`,
    },
    thresholds: thresholds(COLORS.waiting, []),
    empty: "All instances are current.",
  }),
];

/** What it did, and what came of it. */
export const CHANGES = [
  table({
    title: "Actions of the app",
    description: "What the app did in the time range, and how it ended. Needs the app's metrics.",
    span: 12,
    height: 6,
    queries: [
      'round(sum by (cluster, flow, action, reason, outcome) (increase(aks_windows_metrics_actions_total{cluster=~"$cluster"}[$__range]))) > 0',
    ],
    columns: [
      { of: 0, title: "Count", width: 80 },
      CLUSTER,
      { of: "action", title: "Action" },
      { of: "reason", title: "Reason", mappings: REASONS_AS },
      { of: "outcome", title: "Outcome", width: 110 },
      { of: "flow", title: "Flow", width: 100 },
    ],
    sortBy: ["-Count"],
    empty: "The app did nothing in this time range.",
  }),
  table({
    title: "Exporter versions and packages by pool",
    description:
      "A pool with several rows is in a rollout, or its rollout does not end. The app knows which package is the desired one.",
    span: 12,
    height: 6,
    queries: [VERSIONS],
    columns: [
      CLUSTER,
      POOL,
      { of: 0, title: "Nodes", width: 80 },
      { of: "version", title: "Exporter", width: 100 },
      {
        of: "desired",
        title: "Desired",
        mappings: valuesAs({ no: { text: "no", color: COLORS.waiting }, yes: { text: "yes" } }),
        width: 90,
      },
      { of: "package", title: "Package" },
    ],
    sortBy: ["Desired", "Nodes"],
    empty: "No exporter is scraped.",
  }),
];
