import { compact } from "../model/json.ts";
import type { Reason } from "../model/reason.ts";
import type { Finding } from "../model/verdict.ts";
import type { InstanceVerdict } from "./instance-context.ts";
import { nextAttemptAt } from "./retries.ts";
import type { Decision, ScaleSetContext } from "./scale-set-context.ts";

/** Returns the finding about one instance, with what is known of it whatever its state. */
export function instanceFinding(verdict: InstanceVerdict, ctx: ScaleSetContext, decision: Decision): Finding {
  const { scaleSet, poolName: pool, memory, packages } = ctx;
  const { instance, state } = verdict;
  const { id, vmId, node } = instance;
  const { marker, unprovenSince } = memory.instances[vmId] ?? {};
  const carried = marker === undefined ? undefined : packages.get(marker);
  const isDesired = marker !== undefined && marker === ctx.marker;
  const why = state === "outdated" && isRollingOut(decision) ? whyNotNow(verdict, ctx) : undefined;
  return compact({
    subject: { kind: "instance", scaleSet: scaleSet.id, id, vmId, node } as const,
    state,
    reason: why?.reason ?? verdict.reason,
    message: why?.message ?? verdict.message,
    nextTryAt: nextTryOf(verdict, ctx),
    instance: compact({ pool, isDesired, package: carried, unprovenSince }),
  });
}

/** What refuses or delays every write to the scale set is said of that, not of its instances. */
function isRollingOut({ state, reason }: Decision): boolean {
  if (state === "waiting") return reason === "retry" || reason === "awaiting-canary";
  return state !== "refused" && state !== "unmanaged";
}

/** Returns what keeps an instance from being upgraded in this pass: a hold, a trial elsewhere, or those before it. */
function whyNotNow(
  verdict: InstanceVerdict,
  { choice, rollout }: ScaleSetContext,
): { readonly reason: Reason; readonly message?: string } | undefined {
  if (!choice.package) return choice.reason === "package-unusable" ? undefined : { reason: choice.reason };
  if (!rollout) return undefined;
  if (rollout.hold && !rollout.hold.allows(verdict)) return { reason: rollout.hold.reason };
  const place = rollout.queue.indexOf(verdict) + 1;
  if (place === 0) return undefined;
  return { reason: "queued", message: `${ordinal(place)} of ${rollout.queue.length}` };
}

/** Returns when the app tries again a failed installation; undefined if that is now, or if only a person can cause it. */
function nextTryOf(verdict: InstanceVerdict, { desiredExtension, rollout, memory, now }: ScaleSetContext) {
  if (verdict.state !== "failed" || !desiredExtension || rollout?.hold?.allows(verdict) === false) return undefined;
  const at = nextAttemptAt(verdict, { marker: desiredExtension.marker, memory, now });
  return Number.isFinite(at) && at > now ? at : undefined;
}

/** Returns `1st`, `2nd`, `3rd`, `4th`, `11th`, `21st`. */
function ordinal(place: number): string {
  const isTeen = place % 100 > 10 && place % 100 < 14;
  const ending = isTeen ? "th" : (["th", "st", "nd", "rd"][place % 10] ?? "th");
  return `${place}${ending}`;
}
