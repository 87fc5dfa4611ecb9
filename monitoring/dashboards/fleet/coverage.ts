import { COLORS, thresholds } from "../look.ts";
import { numbers } from "../panels.ts";
import { table } from "../table.ts";
import { HEALS_AS, NODE_STATES_AS, REASONS_AS } from "../texts.ts";
import { CLUSTER, IN, LINKED_NODE, POOL } from "./columns.ts";
import { EVERY_NODE, inCluster, WITHOUT_METRICS } from "./queries.ts";

/** Which nodes have no metrics, since when, why, and do they heal without a person. */
export const COVERAGE = [
  table({
    title: "Windows nodes without metrics",
    description:
      "Nodes that Prometheus gets no metrics from, those that need an operator first, then the longest without. State and reason come from the app; where it knows of nothing wrong, Prometheus tells what it lacks, and since when within the last day. The status page has the remedy of each.",
    span: 19,
    height: 8,
    queries: [inCluster(WITHOUT_METRICS)],
    columns: [
      { of: "heals_itself", title: "Heals by itself", mappings: HEALS_AS, width: 190 },
      CLUSTER,
      POOL,
      LINKED_NODE,
      { of: 0, title: "Since", unit: "dateTimeAsIsoNoDateIfToday", width: 165 },
      { of: "state", title: "State", mappings: NODE_STATES_AS, width: 210 },
      { of: "reason", title: "Reason", mappings: REASONS_AS },
      IN,
    ],
    sortBy: ["Heals by itself", "Since"],
    empty: "Every Windows node has metrics.",
  }),
];

/** How many of them there are. */
export const COUNTS = [
  numbers({
    title: "Nodes without metrics",
    description: "How many Windows nodes that should have metrics have none: the rows of the table.",
    span: 5,
    height: 4,
    unit: "none",
    series: { nodes: `count(${WITHOUT_METRICS}) or vector(0)` },
    thresholds: thresholds(COLORS.well, [[1, COLORS.trouble]]),
  }),
  numbers({
    title: "Scraped",
    description: "The share of the Windows nodes that Prometheus scrapes, of all that it scrapes or should scrape.",
    span: 5,
    height: 4,
    unit: "percentunit",
    decimals: 0,
    series: { scraped: `avg(${EVERY_NODE})` },
    thresholds: thresholds(COLORS.trouble, [
      [0.9, COLORS.waiting],
      [1, COLORS.well],
    ]),
    empty: "No Windows nodes",
  }),
];
