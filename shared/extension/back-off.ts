import type { ExtensionAction, Outcome } from "../model/action.ts";
import type { Fault } from "../model/failure.ts";
import { retryWaitMs } from "../model/waits.ts";
import type { BackOff } from "./call-memory.ts";
import type { Decision, ScaleSetContext } from "./scale-set-context.ts";

/**
 * Returns the decision, without its action while a back-off holds that action. After a 429, which limits all writes to
 * the scale set, it holds every action; after a refusal that a person has to end, every action of that kind; else the
 * same request body only.
 */
export function withBackOff(ctx: ScaleSetContext, decision: Decision): Decision {
  const { backOff } = ctx.memory;
  if (!decision.action || !backOff || ctx.now >= backOff.until) return decision;
  const { reason, key, message, until } = backOff;
  if (reason !== "throttled" && key !== decision.action.kind && key !== actionKey(decision.action)) return decision;
  return { state: reason === "throttled" ? "waiting" : "refused", reason, message, requeueAt: until };
}

/** Another writer was quicker: that is over at the next pass, unless it happens again and again. */
const CONFLICTS_WITHOUT_WAIT = 2;

/** Returns the back-off after a write that failed. */
export function backOffAfter(
  before: BackOff | undefined,
  { action, at, error }: Outcome<ExtensionAction>,
): BackOff | undefined {
  if (!error) return before;
  const { fault, code = "", message, retryAfterMs } = error;
  const reason = REASON_BY_CODE[code] ?? REASON_BY_FAULT[fault];
  const key = fault === "denied" ? action.kind : actionKey(action);
  const attempts = before?.reason === reason && before.key === key ? before.attempts + 1 : 1;
  return { reason, until: at + (retryAfterMs ?? waitMs(fault, attempts)), attempts, key, message };
}

function waitMs(fault: Fault, attempts: number): number {
  const retries = isRace(fault) ? attempts - CONFLICTS_WITHOUT_WAIT : attempts;
  return retries > 0 ? retryWaitMs(retries) : 0;
}

/** Returns whether a write failed because the scale set or an instance has changed since the pass read it. */
function isRace(fault: Fault): boolean {
  return fault === "conflict" || fault === "not-found";
}

const REASON_BY_CODE: Readonly<Partial<Record<string, BackOff["reason"]>>> = {
  RequestDisallowedByPolicy: "denied-by-policy",
  ScopeLocked: "scope-locked",
};

const REASON_BY_FAULT: Readonly<Record<Fault, BackOff["reason"]>> = {
  bug: "write-failed",
  conflict: "write-failed",
  denied: "denied",
  "not-found": "write-failed",
  throttled: "throttled",
  transient: "write-failed",
};

/** Returns a key for the request that ARM receives: its kind and body, without the link and the reason. */
export function actionKey(action: ExtensionAction): string {
  switch (action.kind) {
    case "put-extension":
      return `${action.kind} ${JSON.stringify(action.extension)}`;
    case "upgrade-instances":
      return `${action.kind} ${action.marker}`;
    default:
      return action satisfies never;
  }
}
