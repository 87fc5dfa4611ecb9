import type { ExtensionAction, Outcome } from "../model/action.ts";
import { type Fault, writeReasonOf } from "../model/failure.ts";
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
  if (!decision.action || !backOff) return decision;
  const { reason, key, message, names, since, until } = backOff;
  if (reason !== "throttled" && key !== decision.action.kind && key !== actionKey(decision.action)) return decision;
  const begun = since === undefined ? {} : { since };
  if (ctx.now >= until) return { ...decision, ...begun };
  const state = reason === "throttled" ? "waiting" : "refused";
  return { state, reason, message, ...begun, ...(names && { names }), nextTryAt: until, requeueAt: until };
}

/** Another writer was quicker: that is over at the next pass, unless it happens again and again. */
const CONFLICTS_WITHOUT_WAIT = 2;

/** Returns the back-off after a write that failed. */
export function backOffAfter(
  before: BackOff | undefined,
  { action, at, error }: Outcome<ExtensionAction>,
): BackOff | undefined {
  if (!error) return before;
  const { fault, message, retryAfterMs, names } = error;
  const reason = writeReasonOf(error);
  const key = fault === "denied" ? action.kind : actionKey(action);
  const isRepeated = before?.reason === reason && before.key === key;
  const { since = at, attempts } = isRepeated ? before : { since: at, attempts: 0 };
  const until = at + (retryAfterMs ?? waitMs(fault, attempts + 1));
  return { reason, since, until, attempts: attempts + 1, key, message, names };
}

function waitMs(fault: Fault, attempts: number): number {
  const retries = isRace(fault) ? attempts - CONFLICTS_WITHOUT_WAIT : attempts;
  return retries > 0 ? retryWaitMs(retries) : 0;
}

/** Returns whether a write failed because the scale set or an instance has changed since the pass read it. */
function isRace(fault: Fault): boolean {
  return fault === "conflict" || fault === "not-found";
}

/** Returns a key for the request that ARM receives: its kind and body, without the link and the reason. */
export function actionKey(action: ExtensionAction): string {
  switch (action.kind) {
    case "put-extension":
      return `${action.kind} ${JSON.stringify(action.extension)}`;
    case "upgrade-instances":
      return `${action.kind} ${action.marker}`;
    case "delete-extension":
      return action.kind;
    default:
      return action satisfies never;
  }
}
