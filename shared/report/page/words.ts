import type { Level } from "../levels.ts";
import type { NodeState, NodeStatus } from "../status.ts";

/** The color of a tile or a badge: a level, or `apart` for nodes that need no exporter. */
type Color = Level | "apart";

interface StateWords {
  /** What one node is or does. */
  readonly word: string;
  /** The same of several nodes, if it differs. */
  readonly many?: string;
  /** One character, so that a tile can be read without its color. */
  readonly sign: string;
  /** Instead of the color of the node's level. */
  readonly color?: Color;
}

/** How each state of a node is shown, in the order of attention that it needs. */
export const NODE_WORDS: Readonly<Record<NodeState, StateWords>> = {
  failed: { word: "failed", sign: "!" },
  blind: { word: "no metrics", sign: "N" },
  held: { word: "held", sign: "H" },
  "waiting-for-aks": { word: "waits for AKS", many: "wait for AKS", sign: "A" },
  planned: { word: "planned", sign: "P" },
  outdated: { word: "has another package", many: "have another package", sign: "O" },
  queued: { word: "queued", sign: "Q" },
  installing: { word: "installing", sign: "…" },
  covered: { word: "covered", sign: "✓" },
  "not-running": { word: "not running", sign: "–", color: "apart" },
  excluded: { word: "excluded", sign: "×", color: "apart" },
};

export const LEVEL_WORDS: Readonly<Record<Level, string>> = {
  trouble: "Needs an operator",
  waiting: "Waits",
  working: "In progress",
  well: "All well",
};

export const PUBLISHED_WORDS: Readonly<Record<NodeStatus["published"]["state"], string>> = {
  ready: "ready",
  "not-ready": "not ready",
  no: "not published",
  unknown: "not known yet",
};

/** Returns the color of a node in a state and on a level. */
export function colorOf(state: NodeState, level: Level): Color {
  return NODE_WORDS[state].color ?? level;
}

/** Returns a pool as a heading; some nodes are in none that the app knows. */
export function poolName(pool: string): string {
  return pool === "" ? "unknown pool" : pool;
}

/** Returns "1 node", "2 nodes", "0 nodes". */
export function plural(count: number, word: string): string {
  return count === 1 ? `1 ${word}` : `${count} ${word}s`;
}
