import type { Action } from "./action.ts";
import type { EpochMs } from "./time.ts";
import type { Verdict } from "./verdict.ts";

/** All that a pass decided. Actions come in the order in which they are performed. */
export interface Plan<A extends Action = Action> {
  readonly actions: readonly A[];
  readonly verdicts: readonly Verdict[];
  readonly requeueAt: EpochMs;
}
