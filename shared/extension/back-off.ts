import type { ExtensionAction } from "../model/action.ts";
import type { Decision, ScaleSetContext } from "./scale-set-context.ts";

/** Holds back what ARM refused or throttled, until its time; another body is tried at once, but not against a 429. */
export function backedOff(ctx: ScaleSetContext, decision: Decision): Decision {
  const { backOff } = ctx.memory;
  if (!decision.action || !backOff || ctx.now >= backOff.until) return decision;
  if (backOff.reason !== "throttled" && backOff.key !== actionKey(decision.action)) return decision;
  const { reason, message, until } = backOff;
  return { state: reason === "throttled" ? "waiting" : "refused", reason, message, requeueAt: until };
}

/** What makes two writes the same one to ARM: the kind and the body, not the link or the reason. */
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
