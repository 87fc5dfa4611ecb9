import * as v from "valibot";
import type { Outcome } from "../model/action.ts";
import { EMPTY_FLOW_MEMORY, FLOW_MEMORY_FIELDS } from "../model/flow.ts";
import type { NodeFacts } from "../model/node.ts";
import type { Plan } from "../model/plan.ts";
import { epochMs, list, maybe, object, parserOf } from "../model/schema.ts";
import { SERVICE_NAME } from "../model/slice.ts";
import type { EpochMs } from "../model/time.ts";
import { storedNodeFacts } from "./node-facts.ts";
import { rememberRefused, storedRefused } from "./refused.ts";

const conflict = object({
  /** Name of an EndpointSlice, or of the Endpoints object. */
  object: v.string(),
  managers: list(v.string()),
});

type ManagerConflict = v.InferOutput<typeof conflict>;

const endpointsMemory = v.object({
  ...FLOW_MEMORY_FIELDS,
  schema: v.literal(1),
  /** Time of the first of consecutive passes that SHRINK_GUARD held back, or that then failed to remove. */
  shrinkSince: maybe(epochMs),
  /** The uids of the Nodes for which a pass of the extension flow was requested; each asks once. */
  requestedFor: v.optional(list(v.string()), []),
  /** The endpoints that the API server refused. */
  refused: v.optional(storedRefused, []),
  /** The objects of which other field managers own fields that the last pass would have changed. */
  conflicts: v.optional(list(conflict), []),
  /** What the last pass saw of the Windows nodes, for the extension flow. */
  nodeFacts: maybe(storedNodeFacts),
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
  refused: [],
  conflicts: [],
  nodeFacts: undefined,
};

/** Returns the memory without what waits for its next try. */
export function forgetEndpointsWaits(memory: EndpointsMemory): EndpointsMemory {
  return { ...memory, refused: [] };
}

/** Returns the memory after a pass, from its plan and outcomes. */
export function rememberEndpoints(
  memory: EndpointsMemory,
  plan: Plan,
  outcomes: readonly Outcome[],
  now: EpochMs,
): EndpointsMemory {
  const isShrinking = plan.verdicts.some(({ reason }) => reason === "shrinks");
  const isUnfinished = plan.actions.length > outcomes.filter(({ status }) => status === "done").length;
  const isHeld = plan.actions.length === 0 || isUnfinished;
  return {
    ...memory,
    shrinkSince: isShrinking && isHeld ? (memory.shrinkSince ?? now) : undefined,
    refused: rememberRefused(memory.refused, plan, outcomes, now),
    conflicts: outcomes.flatMap(conflictIn),
  };
}

function conflictIn({ action, error }: Outcome): readonly ManagerConflict[] {
  const { managers } = error?.names ?? {};
  if (!managers) return [];
  return [{ object: action.kind === "apply-endpoint-slice" ? action.slice.name : SERVICE_NAME, managers }];
}

/** Returns what the extension flow needs from this memory; undefined before a pass has listed the nodes. */
export function nodeFactsIn({ nodeFacts }: EndpointsMemory): NodeFacts | undefined {
  return nodeFacts && { seenAt: nodeFacts.seenAt, nodes: new Map(Object.entries(nodeFacts.nodes)) };
}
