import * as v from "valibot";
import { storedOutcomeStatus } from "./action.ts";
import type { OutcomeSummary } from "./report.ts";
import { count, list, object } from "./schema.ts";

const total = object({ action: v.string(), reason: v.string(), outcome: storedOutcomeStatus, count });

/** Schema of the numbers of actions since memory began. */
export const storedTotals = v.optional(list(total), []);

export type Totals = v.InferOutput<typeof storedTotals>;

/** Adds the outcomes of a pass. */
export function addOutcomes(totals: Totals, outcomes: readonly OutcomeSummary[]): Totals {
  if (outcomes.length === 0) return totals;
  const byKey = new Map(totals.map((each) => [keyOf(each), each]));
  for (const { action, status: outcome } of outcomes) {
    const reason = "reason" in action ? action.reason : "";
    const made = { action: action.kind, reason, outcome };
    const before = byKey.get(keyOf(made))?.count ?? 0;
    byKey.set(keyOf(made), { ...made, count: before + 1 });
  }
  return [...byKey.values()];
}

function keyOf({ action, reason, outcome }: Omit<Totals[number], "count">): string {
  return `${action} ${reason} ${outcome}`;
}
