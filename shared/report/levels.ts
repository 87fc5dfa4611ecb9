import type { VerdictState } from "../model/verdict.ts";

/** Levels of attention that a state needs, highest first. */
export const LEVELS = ["trouble", "waiting", "working", "well"] as const;
export type Level = (typeof LEVELS)[number];

/** The level of each state of a verdict. */
export const LEVEL_OF: Readonly<Record<VerdictState, Level>> = {
  refused: "trouble",
  unreadable: "trouble",
  failed: "trouble",
  "package-unusable": "trouble",
  degraded: "trouble",
  held: "trouble",
  uncovered: "trouble",
  orphaned: "trouble",
  waiting: "waiting",
  planned: "waiting",
  "awaiting-aks": "waiting",
  protected: "waiting",
  unknown: "waiting",
  "unproven-health": "waiting",
  "unknown-package": "waiting",
  outdated: "waiting",
  unpublished: "waiting",
  excluded: "well",
  acting: "working",
  converging: "working",
  installing: "working",
  "at-rest": "well",
  "not-running": "well",
  unmanaged: "well",
  current: "well",
  uninstalled: "well",
  published: "well",
  "in-sync": "well",
};

/** Returns the level of a state of a verdict. */
export function levelOf(state: VerdictState): Level {
  return LEVEL_OF[state];
}

/** Compares by level, trouble first. */
export function byLevel(a: { readonly level: Level }, b: { readonly level: Level }): number {
  return LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level);
}

/** Returns the level that needs most attention; `well` if there is none. */
export function worstOf(levels: Iterable<Level>): Level {
  const found = new Set(levels);
  return LEVELS.find((each) => found.has(each)) ?? "well";
}
