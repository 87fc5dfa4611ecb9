import { HOUR_MS, MINUTE_MS } from "../model/time.ts";
import type { Level } from "./levels.ts";
import type { NodeState } from "./status.ts";

/** A node without a proven exporter needs a person after this time. An installation takes a few minutes. */
const BLIND_TROUBLE_AFTER_MS = 30 * MINUTE_MS;
/** Neither an operation of AKS on a pool nor a rollout takes this long. */
const LONG_WAIT_MS = 12 * HOUR_MS;

const LEVEL_BY_STATE: Readonly<Record<NodeState, Level>> = {
  excluded: "well",
  installing: "working",
  planned: "waiting",
  failed: "trouble",
  "waiting-for-aks": "waiting",
  queued: "working",
  held: "trouble",
  "not-running": "well",
  covered: "well",
  outdated: "waiting",
  blind: "working",
};

/** The ages from which on a state needs a person. */
const TROUBLE_AFTER_MS: Readonly<Partial<Record<NodeState, number>>> = {
  blind: BLIND_TROUBLE_AFTER_MS,
  "waiting-for-aks": LONG_WAIT_MS,
  queued: LONG_WAIT_MS,
};

/** Returns the level of a state of a node that has lasted for so long. */
export function levelOfNode(state: NodeState, ageMs: number): Level {
  return ageMs >= (TROUBLE_AFTER_MS[state] ?? Number.POSITIVE_INFINITY) ? "trouble" : LEVEL_BY_STATE[state];
}

/** Returns whether a node should have metrics. */
export function needsMetrics({ state }: { readonly state: NodeState }): boolean {
  return state !== "excluded" && state !== "not-running";
}
