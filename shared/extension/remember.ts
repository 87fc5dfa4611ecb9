import type { ExtensionAction, Outcome } from "../model/action.ts";
import type { CallFailure, Fault } from "../model/failure.ts";
import type { Plan } from "../model/plan.ts";
import type { EpochMs } from "../model/time.ts";
import { verdictKey } from "../model/verdict.ts";
import { actionKey } from "./back-off.ts";
import {
  type Attempts,
  type BackOff,
  EMPTY_SCALE_SET,
  type ExtensionMemory,
  type InstanceMemory,
  type ScaleSetMemory,
  UNSEEN,
} from "./memory.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long a write that ARM denied, or refused otherwise, is left alone: by the number of tries so far, then daily. */
const WAIT_AFTER_MS: Readonly<Partial<Record<Fault, readonly number[]>>> = {
  denied: [HOUR_MS, 6 * HOUR_MS],
  bug: [10 * MINUTE_MS, 30 * MINUTE_MS, 90 * MINUTE_MS],
};

/** What nobody refused, such as an outage or a 429 without a time, is tried again in a minute. */
function waitAfter(fault: Fault, tries: number): number {
  const waits = WAIT_AFTER_MS[fault];
  return waits ? (waits[tries - 1] ?? DAY_MS) : MINUTE_MS;
}

/** Adds to memory what a pass decided and what came of it; with no outcomes yet, what it is about to do. */
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
    requeueAt: plan.requeueAt,
    busyPasses: isBusy ? memory.busyPasses + 1 : 0,
    since: Object.fromEntries(plan.verdicts.map((verdict) => [verdictKey(verdict), verdict.since])),
    scaleSets,
  };
}

/** Forgets what holds writes back: an operator who asks for a resync has mended something. */
export function forgetBackOffs(memory: ExtensionMemory): ExtensionMemory {
  const scaleSets = Object.entries(memory.scaleSets).map(
    ([id, each]) => [id, { ...each, backOff: undefined }] as const,
  );
  return { ...memory, scaleSets: Object.fromEntries(scaleSets) };
}

function rememberOutcome(known: ScaleSetMemory, outcome: Outcome<ExtensionAction>): ScaleSetMemory {
  if (outcome.status === "failed") return { ...known, backOff: backOffAfter(known.backOff, outcome) };
  if (outcome.status !== "submitted") return known;

  const { action, at, operation: poller = "" } = outcome;
  const instances = action.kind === "upgrade-instances" ? action.instances.map((each) => each.vmId) : [];
  const marker = action.kind === "put-extension" ? action.extension.marker : undefined;
  const upgraded = action.kind === "upgrade-instances" ? action.marker : marker;
  return {
    ...known,
    operation: {
      kind: action.kind,
      submittedAt: at,
      marker: upgraded,
      instances,
      poller,
      state: "running",
      endedAt: undefined,
    },
    linkIssuedAt: action.kind === "put-extension" ? at : known.linkIssuedAt,
    lastBatch: action.kind === "upgrade-instances" ? instances : known.lastBatch,
    backOff: undefined,
    instances: action.kind === "upgrade-instances" ? withAttempts(known.instances, action, at) : known.instances,
  };
}

function withAttempts(
  memories: ScaleSetMemory["instances"],
  { instances, marker }: Extract<ExtensionAction, { kind: "upgrade-instances" }>,
  at: EpochMs,
): ScaleSetMemory["instances"] {
  const attempted = instances.map(({ vmId, node }): readonly [string, InstanceMemory] => {
    const known = memories[vmId] ?? UNSEEN;
    const before = known.attempts?.marker === marker ? known.attempts.count : 0;
    const attempts: Attempts = { marker, count: before + 1, lastAt: at, succeeded: false };
    return [vmId, { ...known, node, attempts }];
  });
  return { ...memories, ...Object.fromEntries(attempted) };
}

/** Somebody else was quicker, or a thing is gone: the next pass sees. Anything else is left alone for a while. */
function backOffAfter(
  known: BackOff | undefined,
  { action, at, error }: Outcome<ExtensionAction>,
): BackOff | undefined {
  if (!error || error.fault === "conflict" || error.fault === "not-found") return known;
  const reason = BECAUSE[error.fault];
  const key = actionKey(action);
  const isAgain = known?.reason === reason && known.key === key;
  const tries = isAgain ? known.tries + 1 : 1;
  const until = at + (error.retryAfterMs ?? waitAfter(error.fault, tries));
  return { reason, until, tries, key, message: error.message };
}

const BECAUSE = {
  bug: "write-failed",
  denied: "denied",
  throttled: "throttled",
  transient: "write-failed",
} as const satisfies Partial<Record<Fault, BackOff["reason"]>>;

/** A pass that failed is tried again: a grant takes longer than a hiccup. */
export function rememberFailure(
  memory: ExtensionMemory,
  { fault, retryAfterMs = 0 }: CallFailure,
  now: EpochMs,
): ExtensionMemory {
  return { ...memory, requeueAt: now + Math.max(retryAfterMs, fault === "denied" ? 5 * MINUTE_MS : MINUTE_MS) };
}
