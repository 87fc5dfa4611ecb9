import type { EpochMs, ExtensionAction, Outcome, Plan } from "../model/plan.ts";
import { actionKey } from "./back-off.ts";
import {
  type Attempts,
  type BackOff,
  EMPTY_SCALE_SET,
  type ExtensionMemory,
  type InstanceMemory,
  type ScaleSetMemory,
  verdictKey,
} from "./memory.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long a write that ARM denied, or refused otherwise, is left alone: by the number of tries so far, then daily. */
const WAIT_AFTER_MS: Readonly<Record<BackOff["because"], readonly number[]>> = {
  denied: [HOUR_MS, 6 * HOUR_MS],
  "write-failed": [10 * MINUTE_MS, 30 * MINUTE_MS, 90 * MINUTE_MS],
  throttled: [MINUTE_MS],
};

/** Adds to memory what a pass decided and what came of it; with no outcomes yet, what it is about to do. */
export function remember(
  memory: ExtensionMemory,
  plan: Plan<ExtensionAction>,
  outcomes: readonly Outcome<ExtensionAction>[],
): ExtensionMemory {
  const isBusy = plan.verdicts.some(({ because }) => because === "aks-busy");
  const scaleSets: Record<string, ScaleSetMemory> = { ...memory.scaleSets };
  for (const outcome of outcomes) {
    const { scaleSet } = outcome.action;
    scaleSets[scaleSet] = rememberOutcome(scaleSets[scaleSet] ?? EMPTY_SCALE_SET, outcome);
  }
  return {
    ...memory,
    lookAgainAt: plan.lookAgainAt,
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
    operation: { kind: action.kind, submittedAt: at, marker: upgraded, instances, poller, state: "running" },
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

const UNSEEN: Omit<InstanceMemory, "node"> = {
  marker: undefined,
  failedMarker: undefined,
  hadExtension: false,
  succeededAt: undefined,
  isRunning: true,
  attempts: undefined,
};

/** Somebody else was quicker, or a thing is gone: the next pass sees. Anything else is left alone for a while. */
function backOffAfter(
  known: BackOff | undefined,
  { action, at, error }: Outcome<ExtensionAction>,
): BackOff | undefined {
  if (!error || error.fault === "conflict" || error.fault === "not-found") return known;
  const because = error.fault === "denied" || error.fault === "throttled" ? error.fault : "write-failed";
  const key = actionKey(action);
  const isAgain = known?.because === because && known.key === key;
  const tries = isAgain ? known.tries + 1 : 1;
  const wait = error.fault === "transient" ? MINUTE_MS : (WAIT_AFTER_MS[because][tries - 1] ?? DAY_MS);
  const until = at + (error.retryAfterMs ?? (because === "throttled" ? MINUTE_MS : wait));
  return { because, until, since: isAgain ? known.since : at, tries, key, detail: error.message };
}
