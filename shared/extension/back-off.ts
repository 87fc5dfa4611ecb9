import type { ExtensionAction, Outcome } from "../model/action.ts";
import type { Fault } from "../model/failure.ts";
import { retryWaitMs } from "../model/waits.ts";
import type { BackOff, ExtensionMemory } from "./memory.ts";
import type { Decision, ScaleSetContext } from "./scale-set-context.ts";

/**
 * Returns the decision, without its action while a back-off holds that action. A back-off holds the same request body
 * only; after a 429, which limits all writes to the scale set, it holds every action.
 */
export function withBackOff(ctx: ScaleSetContext, decision: Decision): Decision {
  const { backOff } = ctx.memory;
  if (!decision.action || !backOff || ctx.now >= backOff.until) return decision;
  if (backOff.reason !== "throttled" && backOff.key !== actionKey(decision.action)) return decision;
  const { reason, message, until } = backOff;
  return { state: reason === "throttled" ? "waiting" : "refused", reason, message, requeueAt: until };
}

/**
 * Returns the back-off after a write. A conflict or a missing resource adds none, because the next pass observes the
 * change.
 */
export function backOffAfter(
  before: BackOff | undefined,
  { action, at, error }: Outcome<ExtensionAction>,
): BackOff | undefined {
  if (!error || error.fault === "conflict" || error.fault === "not-found") return before;
  const reason = REASON_BY_FAULT[error.fault];
  const key = actionKey(action);
  const isRepeated = before?.reason === reason && before.key === key;
  const attempts = isRepeated ? before.attempts + 1 : 1;
  const until = at + (error.retryAfterMs ?? retryWaitMs(attempts));
  return { reason, until, attempts, key, message: error.message };
}

const REASON_BY_FAULT = {
  bug: "write-failed",
  denied: "denied",
  throttled: "throttled",
  transient: "write-failed",
} as const satisfies Partial<Record<Fault, BackOff["reason"]>>;

/** Removes every back-off: an operator who requests a resync has removed the cause. */
export function forgetBackOffs(memory: ExtensionMemory): ExtensionMemory {
  const scaleSets = Object.entries(memory.scaleSets).map(
    ([id, each]) => [id, { ...each, backOff: undefined }] as const,
  );
  return { ...memory, scaleSets: Object.fromEntries(scaleSets) };
}

/** Returns a key for the request that ARM receives: its kind and body, without the link and the reason. */
function actionKey(action: ExtensionAction): string {
  switch (action.kind) {
    case "put-extension":
      return `${action.kind} ${JSON.stringify(action.extension)}`;
    case "upgrade-instances":
      return `${action.kind} ${action.marker}`;
    default:
      return action satisfies never;
  }
}
