import type { Outcome } from "../model/action.ts";
import { EMPTY_FLOW_MEMORY, type FlowMemory } from "../model/flow.ts";
import { isRecord } from "../model/json.ts";
import type { Plan } from "../model/plan.ts";
import type { EpochMs } from "../model/time.ts";

/** What only this app knows of a cluster's endpoints; losing it costs a minute's wait. */
export interface EndpointsMemory extends FlowMemory {
  readonly schema: 1;
  /** When most of the published addresses were first seen to go. */
  readonly shrinkSince: EpochMs | undefined;
  /** Another field manager's refusal of our last apply, in the API server's words. */
  readonly conflict: string | undefined;
}

/** A memory that knows nothing. */
export const EMPTY_ENDPOINTS_MEMORY: EndpointsMemory = {
  ...EMPTY_FLOW_MEMORY,
  schema: 1,
  shrinkSince: undefined,
  conflict: undefined,
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
    shrinkSince: isShrinking ? (memory.shrinkSince ?? now) : undefined,
    conflict: outcomes.find(({ reason }) => reason === "another-manager")?.error?.message,
  };
}
