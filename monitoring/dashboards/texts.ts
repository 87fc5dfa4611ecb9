import { REASONS } from "../../shared/report/describe.ts";
import { NODE_WORDS } from "../../shared/report/page/words.ts";
import type { NodeState } from "../../shared/report/status.ts";
import { COLORS, type Shown, valuesAs } from "./look.ts";

const STATE_COLORS: Readonly<Partial<Record<NodeState, string>>> = {
  failed: COLORS.trouble,
  blind: COLORS.trouble,
  "waiting-for-aks": COLORS.waiting,
  planned: COLORS.waiting,
  outdated: COLORS.waiting,
  installing: COLORS.working,
  covered: COLORS.well,
};

/** What the states of nodes are called, as on the status page; and two that only Prometheus sees. */
const STATES: Readonly<Record<string, Shown>> = {
  ...Object.fromEntries(Object.entries(NODE_WORDS).map(([state, { word }]) => [state, { text: word }])),
  "no-answer": { text: "the exporter does not answer" },
  "no-target": { text: "Prometheus has no target" },
};

export const NODE_STATES_AS = valuesAs(STATES);
export const REASONS_AS = valuesAs(
  Object.fromEntries(Object.entries(REASONS).map(([reason, text]) => [reason, { text }])),
);

/** Whether a node gets metrics without a person. The values and their texts have the same order, by which a table sorts. */
export const HEALS_AS = valuesAs({
  false: { text: "no, needs an operator", color: COLORS.trouble },
  "not-known": { text: "unknown to the app", color: COLORS.waiting },
  true: { text: "yes, in progress", color: COLORS.working },
});

/** The color of each state of nodes in a diagram. */
export const COLORS_OF_STATES: Readonly<Record<string, string>> = {
  ...STATE_COLORS,
  excluded: "#999999",
  "not-running": "#BBBBBB",
};

export const LEVELS_AS = valuesAs({
  "0": { text: "well", color: COLORS.well },
  "1": { text: "in progress", color: COLORS.working },
  "2": { text: "waits", color: COLORS.waiting },
  "3": { text: "needs an operator", color: COLORS.trouble },
});

export const SEVERITIES_AS = valuesAs({
  "3": { text: "critical", color: COLORS.trouble },
  "2": { text: "warning", color: COLORS.waiting },
  "1": { text: "info", color: COLORS.none },
});
