import type { Outcome } from "./action.ts";
import type { CallFailure } from "./failure.ts";
import type { ClusterId } from "./ids.ts";
import type { Plan } from "./plan.ts";
import type { EpochMs } from "./time.ts";

export type Flow = "extension" | "endpoints";

/** What made a pass happen. */
export type Cause = "event" | "timer" | "resync" | "note";

/** What one pass saw, decided and did. */
export interface Report {
  readonly cluster: ClusterId;
  readonly flow: Flow;
  readonly cause: Cause;
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs;
  /** For people, a line a thing. */
  readonly observed: readonly string[];
  readonly plan: Plan;
  readonly outcomes: readonly Outcome[];
  /** Why the pass ended before its end. */
  readonly failure?: CallFailure;
}
