import type { ExtensionAction } from "../model/action.ts";
import type { Decision, ScaleSetCase } from "./scale-set-context.ts";

/** Holds back what ARM refused or throttled, until its time; another body is tried at once, but not against a 429. */
export function backedOff(c: ScaleSetCase, decision: Decision): Decision {
  const { backOff } = c.memory;
  if (!decision.action || !backOff || c.now >= backOff.until) return decision;
  if (backOff.because !== "throttled" && backOff.key !== actionKey(decision.action)) return decision;
  const { because, detail, until } = backOff;
  return { state: because === "throttled" ? "waiting" : "refused", because, detail, lookAgainAt: until };
}

/** What makes two writes the same one to ARM: the kind and the body, not the link or the reason. */
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
