import type { Outcome } from "../model/action.ts";
import { isRecord } from "../model/json.ts";
import type { Plan } from "../model/plan.ts";
import type { EpochMs } from "../model/time.ts";
import { verdictKey } from "../model/verdict.ts";

/** What only this app knows of a cluster's endpoints; losing it costs a minute's wait. */
export interface EndpointsMemory {
  readonly schema: 1;
  readonly startedAt: EpochMs;
  readonly requeueAt: EpochMs;
  /** When most of the published addresses were first seen to go. */
  readonly shrinkSince: EpochMs | undefined;
  /** Passes in a row that failed: a cluster that does not answer is not asked every minute. */
  readonly failures: number;
  /** Another field manager's refusal of our last apply, in the API server's words. */
  readonly conflict: string | undefined;
  readonly since: Readonly<Record<string, EpochMs>>;
}

/** A memory that knows nothing. */
export const EMPTY_ENDPOINTS_MEMORY: EndpointsMemory = {
  schema: 1,
  startedAt: 0,
  requeueAt: 0,
  shrinkSince: undefined,
  failures: 0,
  conflict: undefined,
  since: {},
};

/** Whether a stored value is a memory of this schema. */
export function isEndpointsMemory(value: unknown): value is EndpointsMemory {
  return isRecord(value) && value["schema"] === 1 && isRecord(value["since"]);
}

/** Adds to memory what a pass decided and what came of it. */
export function rememberEndpoints(
  memory: EndpointsMemory,
  plan: Plan,
  outcomes: readonly Outcome[],
  now: EpochMs,
): EndpointsMemory {
  const isShrinking = plan.verdicts.some(({ reason }) => reason === "shrinks");
  return {
    ...memory,
    requeueAt: plan.requeueAt,
    shrinkSince: isShrinking ? (memory.shrinkSince ?? now) : undefined,
    failures: 0,
    conflict: outcomes.find(({ reason }) => reason === "another-manager")?.error?.message,
    since: Object.fromEntries(plan.verdicts.map((verdict) => [verdictKey(verdict), verdict.since])),
  };
}

const MINUTE_MS = 60_000;
const PATIENCE = 5;

/** A cluster that failed five times in a row is tried every five minutes. */
export function rememberEndpointsFailure(memory: EndpointsMemory, now: EpochMs): EndpointsMemory {
  const failures = memory.failures + 1;
  return { ...memory, failures, requeueAt: now + (failures >= PATIENCE ? 5 : 1) * MINUTE_MS };
}
