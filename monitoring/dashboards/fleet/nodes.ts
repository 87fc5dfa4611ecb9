import { BY_HEIGHT, COLORS, highIsBad, thresholds, valuesAs } from "../look.ts";
import { lines } from "../panels.ts";
import { table } from "../table.ts";
import { SEVERITIES_AS } from "../texts.ts";
import { CLUSTER, IN, LINKED_NODE, NODE, POOL } from "./columns.ts";
import {
  WORST_ALERT,
  CLOCK_OFF,
  COMMIT,
  CPU,
  DISK_USED,
  EVERY_NODE,
  inCluster,
  RESTARTED,
  SCRAPED,
  SERVICES_DOWN,
  TCP_RETRANSMITTED,
  TEN_FULLEST,
  tenWorst,
  WORST_USE,
} from "./queries.ts";

const SHARE = { unit: "percentunit", decimals: 0 } as const;

/** Every node. */
export const WORST_NODES = [
  table({
    title: "Windows nodes, the worst first",
    description:
      "One row for each node: by its most severe alert that fires, then by the highest share in use of CPU, commit and the volume C:. Services down are those that a node needs. Windows has no OOM killer: at 100 % of the commit limit, allocations fail.",
    span: 24,
    height: 11,
    queries: [
      inCluster(EVERY_NODE),
      inCluster(WORST_ALERT),
      inCluster(WORST_USE),
      inCluster(CPU),
      inCluster(COMMIT),
      inCluster(DISK_USED),
      inCluster(TCP_RETRANSMITTED),
      inCluster(CLOCK_OFF),
      inCluster(SERVICES_DOWN),
    ],
    columns: [
      CLUSTER,
      POOL,
      LINKED_NODE,
      { of: 1, title: "Alert", mappings: SEVERITIES_AS, width: 90 },
      { of: 2, title: "Highest use", ...SHARE, thresholds: highIsBad(0.85, 0.95) },
      { of: 3, title: "CPU", ...SHARE, thresholds: highIsBad(0.85, 0.95) },
      { of: 4, title: "Commit", ...SHARE, thresholds: highIsBad(0.9, 0.97) },
      { of: 5, title: "C: used", ...SHARE, thresholds: highIsBad(0.85, 0.92) },
      { of: 6, title: "TCP retransmitted", unit: "percentunit", decimals: 1, thresholds: highIsBad(0.02, 0.05) },
      { of: 7, title: "Clock off by", unit: "s", decimals: 1, thresholds: highIsBad(1, 5) },
      { of: 8, title: "Services down", unit: "none", thresholds: thresholds(COLORS.none, [[1, COLORS.trouble]]) },
      {
        of: 0,
        title: "Scraped",
        mappings: valuesAs({ "0": { text: "no", color: COLORS.trouble }, "1": { text: "yes" } }),
        width: 90,
      },
      IN,
    ],
    sortBy: ["-Alert", "-Highest use"],
    empty: "Prometheus knows no Windows node: load monitoring/rules/records.yaml, and scrape the exporters.",
  }),
];

const worst = (title: string, of: string, expr: string) =>
  lines({
    title: `${title}: the ten worst`,
    description: `${of} The ten nodes with the highest value in the time range; the darker a line, the higher it gets.`,
    span: 8,
    height: 9,
    unit: "percentunit",
    max: 1,
    color: BY_HEIGHT,
    series: { "{{cluster}} {{node}}": expr },
  });

/** What is scarce on the worst nodes. */
export const HEALTH = [
  worst("CPU", "Share of the CPU time in use.", tenWorst(CPU)),
  worst("Commit", "Committed memory of the commit limit. Allocations fail at 100 %.", tenWorst(COMMIT)),
  worst("C: used", "Used space of the volume C:. The kubelet evicts pods from 90 % on.", TEN_FULLEST),
];

/** What goes wrong on single nodes. */
export const EVENTS = [
  table({
    title: "Collectors that fail",
    description: "Collectors that failed or timed out at the last scrape: their metrics are missing.",
    span: 12,
    height: 6,
    queries: [`max by (cluster, agentpool, node, collector) (1 - windows_exporter_collector_success{${SCRAPED}}) == 1`],
    columns: [CLUSTER, POOL, NODE, { of: "collector", title: "Collector" }, { of: 0, title: "fails", hidden: true }],
    sortBy: ["Cluster", "Node"],
    empty: "No collector fails.",
  }),
  table({
    title: "Nodes that restarted in 24 hours",
    description: "Nodes whose boot time moved by more than a minute within a day, with when they started.",
    span: 12,
    height: 6,
    queries: [RESTARTED],
    columns: [CLUSTER, POOL, NODE, { of: 0, title: "Started", unit: "dateTimeAsIso" }],
    sortBy: ["-Started"],
    empty: "No node restarted in 24 hours.",
  }),
];
