import type { ExtensionAction, Outcome } from "../model/action.ts";
import type { Plan } from "../model/plan.ts";
import type { EpochMs } from "../model/time.ts";
import { addEvents, type TimelineEvent } from "../model/timeline.ts";
import { backOffAfter } from "./back-off.ts";
import type { OperationMemory } from "./call-memory.ts";
import {
  type Attempts,
  EMPTY_INSTANCE,
  EMPTY_SCALE_SET,
  type ExtensionMemory,
  type InstanceMemory,
  type ScaleSetMemory,
} from "./memory.ts";
import { dueAfter } from "./retries.ts";
import { rememberPut } from "./write-without-effect.ts";

/** Returns memory with the plan and the outcomes of a pass. Before the pass acts, `outcomes` is empty. */
export function remember(
  memory: ExtensionMemory,
  plan: Plan<ExtensionAction>,
  outcomes: readonly Outcome<ExtensionAction>[],
): ExtensionMemory {
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

/** Returns the event of a write of the model; a renewed link is none. */
function putEvent({ action, status, at }: Outcome<ExtensionAction>): readonly TimelineEvent[] {
  if (action.kind !== "put-extension" || status !== "submitted" || action.reason === "link-expiring") return [];
  const { pool, reason, extension } = action;
  return [{ at, kind: "put", pool, reason, package: extension.package }];
}

function rememberOutcome(known: ScaleSetMemory, outcome: Outcome<ExtensionAction>): ScaleSetMemory {
  if (outcome.status === "failed") return { ...known, backOff: backOffAfter(known.backOff, outcome) };
  if (outcome.status !== "submitted") return known;

  const { action, at } = outcome;
  const submitted = { ...known, backOff: undefined, operation: toOperation(outcome) };
  switch (action.kind) {
    case "put-extension":
      return { ...submitted, linkIssuedAt: at, puts: rememberPut(known, action, at), adopting: undefined };
    case "upgrade-instances": {
      const lastBatch = action.instances.map(({ vmId }) => vmId);
      return { ...submitted, lastBatch, instances: withAttempts(known.instances, action, at) };
    }
    default:
      return action satisfies never;
  }
}

function toOperation({ action, at, operation: poller = "" }: Outcome<ExtensionAction>): OperationMemory {
  const { kind } = action;
  const marker = kind === "put-extension" ? action.extension.marker : action.marker;
  const instances = kind === "upgrade-instances" ? action.instances.map(({ vmId }) => vmId) : [];
  return { kind, submittedAt: at, marker, instances, poller, state: "running", endedAt: undefined };
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
    const attempts: Attempts = { marker, count: (before?.count ?? 0) + 1, ...made };
    return [vmId, { ...known, node, attempts, retryAfterTry: undefined }];
  });
  return { ...memories, ...Object.fromEntries(attempted) };
}
