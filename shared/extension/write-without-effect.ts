import type { ExtensionAction } from "../model/action.ts";
import { type EpochMs, HOUR_MS } from "../model/time.ts";
import { retryWaitMs } from "../model/waits.ts";
import { actionKey } from "./back-off.ts";
import type { PutsMemory } from "./call-memory.ts";
import { findDifferences } from "./desired.ts";
import type { ScaleSetMemory } from "./memory.ts";
import type { Decision, ScaleSetContext } from "./scale-set-context.ts";

/** A write of the model, or its end. */
type Put = Extract<ExtensionAction, { kind: "put-extension" | "delete-extension" }>;

/**
 * So many equal writes in this time, without any work of AKS, mean that another writer undoes them. Some do so hours
 * later, and a pass that needs nothing comes only after RESYNC_AFTER.
 */
const WRITES_WITHOUT_EFFECT = 3;
const WITHIN_MS = 6 * HOUR_MS;

/** Returns the verdict on a write that would be in vain: the same one had no effect lately, and its wait is not over. */
export function withoutEffect(ctx: ScaleSetContext, put: Put): Decision | undefined {
  const { puts, aksWorkedAt } = ctx.memory;
  if (isRenewal(put) || puts?.key !== actionKey(put) || !isInVain(puts, ctx.now, aksWorkedAt)) return undefined;
  const requeueAt = (puts.times.at(-1) ?? 0) + retryWaitMs(puts.retries + 1);
  if (ctx.now >= requeueAt) return undefined;
  const message = `the app wrote it ${WRITES_WITHOUT_EFFECT} times within 6 hours, and ${describeDifference(ctx, put)}`;
  return { state: "refused", reason: "write-without-effect", message, nextTryAt: requeueAt, requeueAt };
}

/** Returns the memory of the last writes, after another one was submitted. */
export function rememberPut(known: ScaleSetMemory, put: Put, at: EpochMs): PutsMemory | undefined {
  if (isRenewal(put)) return known.puts;
  const key = actionKey(put);
  const before = known.puts?.key === key ? known.puts : undefined;
  const isRetry = before !== undefined && isInVain(before, at, known.aksWorkedAt);
  const times = [...(before?.times ?? []), at].slice(-WRITES_WITHOUT_EFFECT);
  return { key, times, retries: isRetry ? before.retries + 1 : 0 };
}

/** Returns whether the last writes had no effect. After work of AKS, they can have had one that AKS has undone. */
function isInVain({ times, retries }: PutsMemory, now: EpochMs, aksWorkedAt: EpochMs | undefined): boolean {
  const [first = now] = times;
  if (aksWorkedAt !== undefined && aksWorkedAt >= first) return false;
  return retries > 0 || (times.length === WRITES_WITHOUT_EFFECT && now - first < WITHIN_MS);
}

function describeDifference({ currentExtension, desiredExtension }: ScaleSetContext, { kind }: Put): string {
  if (kind === "delete-extension") return "the extension is there again";
  if (!currentExtension) return "the extension is missing again";
  const names = desiredExtension ? findDifferences(currentExtension, desiredExtension) : [];
  return `these properties differ again: ${names.join(", ") || "forceUpdateTag"}`;
}

/** A renewal of the link does not count: it is meant to be repeated. */
function isRenewal({ reason }: Put): boolean {
  return reason === "link-expiring";
}
