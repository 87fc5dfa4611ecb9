import * as v from "valibot";
import type { Outcome } from "../model/action.ts";
import { EMPTY_FLOW_MEMORY, FLOW_MEMORY_FIELDS } from "../model/flow.ts";
import type { Plan } from "../model/plan.ts";
import { epochMs, list, maybe, parserOf } from "../model/schema.ts";
import type { EpochMs } from "../model/time.ts";

const endpointsMemory = v.object({
  ...FLOW_MEMORY_FIELDS,
  schema: v.literal(1),
  /** Time of the first of consecutive passes that SHRINK_GUARD held back. */
  shrinkSince: maybe(epochMs),
  /** The uids of the Nodes for which a pass of the extension flow was requested; each asks once. */
  requestedFor: v.optional(list(v.string()), []),
  /** The API server's message if our last apply conflicted with another field manager. */
  conflict: maybe(v.string()),
});

/** Memory of the endpoints flow for one cluster. If it is lost, a pending removal waits one more minute. */
export type EndpointsMemory = v.InferOutput<typeof endpointsMemory>;

/** Returns a stored memory; undefined if it does not have this version's schema. */
export const parseEndpointsMemory = parserOf(endpointsMemory);

/** Memory before the first pass. */
export const EMPTY_ENDPOINTS_MEMORY: EndpointsMemory = {
  ...EMPTY_FLOW_MEMORY,
  schema: 1,
  shrinkSince: undefined,
  requestedFor: [],
  conflict: undefined,
};

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
