import type { ExtensionAction, Outcome } from "../model/action.ts";
import type { Plan } from "../model/plan.ts";
import type { EpochMs } from "../model/time.ts";
import { addEvents, type TimelineEvent } from "../model/timeline.ts";
import { backOffAfter } from "./back-off.ts";
import type { OperationMemory } from "./call-memory.ts";
import { type Attempts, EMPTY_INSTANCE, type InstanceMemory } from "./instance-memory.ts";
import { EMPTY_SCALE_SET, type ExtensionMemory, type ScaleSetMemory } from "./memory.ts";
import { dueAfter } from "./retries.ts";
import { rememberPut } from "./write-without-effect.ts";

/**
 * Returns memory with the plan and the outcomes of a pass. Before the pass acts, `outcomes` is empty: the batches are then
 * remembered as they were before the upgrade, so that its effect can be judged even if the app ends during the call.
 */
export function remember(
  before: ExtensionMemory,
  plan: Plan<ExtensionAction>,
  outcomes: readonly Outcome<ExtensionAction>[],
): ExtensionMemory {
  const memory = withBatches(before, plan);
  const isBusy = plan.verdicts.some(({ reason }) => reason === "aks-busy");
  const scaleSets: Record<string, ScaleSetMemory> = { ...memory.scaleSets };
  for (const outcome of outcomes) {
    const { scaleSet } = outcome.action;
    scaleSets[scaleSet] = rememberOutcome(scaleSets[scaleSet] ?? EMPTY_SCALE_SET, outcome);
  }
  return {
    ...memory,
    busyPasses: isBusy ? memory.busyPasses + 1 : 0,
    scaleSets,
    timeline: addEvents(memory.timeline, outcomes.flatMap(putEvent)),
  };
}

function withBatches(memory: ExtensionMemory, { actions }: Plan<ExtensionAction>): ExtensionMemory {
  const scaleSets = new Map(Object.entries(memory.scaleSets));
  for (const action of actions) {
    if (action.kind !== "upgrade-instances") continue;
    const members = action.instances.map(({ vmId, node, before }) => ({ vmId, node, before, result: undefined }));
    const open = { isAccepted: false, endedAt: undefined, isEndKnown: false };
    const batch = { marker: action.marker, submittedAt: memory.startedAt, ...open, members };
    scaleSets.set(action.scaleSet, { ...(scaleSets.get(action.scaleSet) ?? EMPTY_SCALE_SET), batch });
  }
  return { ...memory, scaleSets: Object.fromEntries(scaleSets) };
}

/** Returns the event of a write of the model, or of its end; a renewed link is none. */
function putEvent({ action, status, at }: Outcome<ExtensionAction>): readonly TimelineEvent[] {
  if (status !== "submitted") return [];
  if (action.kind === "delete-extension") return [{ at, kind: "deleted", pool: action.pool }];
  if (action.kind !== "put-extension" || action.reason === "link-expiring") return [];
  const { pool, reason, extension } = action;
  return [{ at, kind: "put", pool, reason, package: extension.package }];
}

function rememberOutcome(known: ScaleSetMemory, outcome: Outcome<ExtensionAction>): ScaleSetMemory {
  const batch = isForgotten(outcome) ? undefined : known.batch;
  if (outcome.status === "failed") return { ...known, batch, backOff: backOffAfter(known.backOff, outcome) };
  if (outcome.status !== "submitted") return { ...known, batch };

  const { action, at } = outcome;
  const submitted = { ...known, backOff: undefined, operation: toOperation(outcome) };
  switch (action.kind) {
    case "put-extension":
      return { ...submitted, linkIssuedAt: at, puts: rememberPut(known, action, at), adopting: undefined };
    case "upgrade-instances": {
      const batch = known.batch && { ...known.batch, isAccepted: true };
      return { ...submitted, batch, instances: withAttempts(known.instances, action, at) };
    }
    case "delete-extension":
      return { ...submitted, puts: rememberPut(known, action, at) };
    default:
      return action satisfies never;
  }
}

/** A refused upgrade has touched no node. After a call without an answer, Azure may have accepted it. */
function isForgotten({ action, status, error }: Outcome<ExtensionAction>): boolean {
  return action.kind === "upgrade-instances" && status !== "submitted" && error?.fault !== "transient";
}

function toOperation({ action, at, operation: poller = "" }: Outcome<ExtensionAction>): OperationMemory {
  const { kind } = action;
  const marker = markerIn(action);
  const instances = kind === "upgrade-instances" ? action.instances.map(({ vmId }) => vmId) : [];
  return { kind, submittedAt: at, marker, instances, poller, state: "running", endedAt: undefined };
}

/** Returns the marker that an action writes or applies; empty if it removes the extension. */
function markerIn(action: ExtensionAction): string {
  switch (action.kind) {
    case "put-extension":
      return action.extension.marker;
    case "upgrade-instances":
      return action.marker;
    case "delete-extension":
      return "";
    default:
      return action satisfies never;
  }
}

function withAttempts(
  memories: ScaleSetMemory["instances"],
  { instances, marker, try: applied }: Extract<ExtensionAction, { kind: "upgrade-instances" }>,
  at: EpochMs,
): ScaleSetMemory["instances"] {
  const attempted = instances.map(({ vmId, node }): readonly [string, InstanceMemory] => {
    const known = memories[vmId] ?? EMPTY_INSTANCE;
    const before = known.attempts?.marker === marker ? known.attempts : undefined;
    const isEarly =
      before !== undefined && known.retryAfterTry === undefined && (before.isEarly || at < dueAfter(before));
    const made = { try: applied, isTryKnown: true, lastAt: at, succeeded: false, failedAt: undefined, isEarly };
    const count = (before?.count ?? 0) + 1;
    const attempts: Attempts = { marker, count, failingSince: before?.failingSince, ...made };
    return [vmId, { ...known, node, attempts, retryAfterTry: undefined }];
  });
  return { ...memories, ...Object.fromEntries(attempted) };
}
