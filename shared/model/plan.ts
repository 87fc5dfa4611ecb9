import type { Action } from "./action.ts";
import type { EpochMs } from "./time.ts";
import type { Verdict } from "./verdict.ts";

/** Decision of a pass. Its actions are in the order in which `act` performs them. */
export interface Plan<A extends Action = Action> {
  readonly actions: readonly A[];
  readonly verdicts: readonly Verdict[];
  readonly requeueAt: EpochMs;
}
