import type { Outcome } from "../model/action.ts";
import { EMPTY_FLOW_MEMORY, type FlowMemory } from "../model/flow.ts";
import { isRecord } from "../model/json.ts";
import type { Plan } from "../model/plan.ts";
import type { EpochMs } from "../model/time.ts";

/** Memory of the endpoints flow for one cluster. If it is lost, a pending removal waits one more minute. */
export interface EndpointsMemory extends FlowMemory {
  readonly schema: 1;
  /** Time of the first of consecutive passes that SHRINK_GUARD held back. */
  readonly shrinkSince: EpochMs | undefined;
  /** The API server's message if our last apply conflicted with another field manager. */
  readonly conflict: string | undefined;
}

/** Memory before the first pass. */
export const EMPTY_ENDPOINTS_MEMORY: EndpointsMemory = {
  ...EMPTY_FLOW_MEMORY,
  schema: 1,
  shrinkSince: undefined,
  conflict: undefined,
};

/** Returns whether a stored value is a memory of this schema. */
export function isEndpointsMemory(value: unknown): value is EndpointsMemory {
  return isRecord(value) && value["schema"] === 1 && isRecord(value["since"]);
}

/** Returns the memory after a pass, from its plan and outcomes. */
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
