import { isMoving } from "../model/cluster.ts";
import type { EpochMs } from "../model/time.ts";
import type { InstanceState } from "../model/verdict.ts";
import { retryWaitMs } from "../model/waits.ts";
import type { InstanceVerdict } from "./instance-context.ts";
import type { Attempts, InstanceMemory } from "./instance-memory.ts";
import type { ScaleSetMemory } from "./memory.ts";

/** What the time of the next attempt depends on. */
export interface RetryContext {
  /** The desired marker. */
  readonly marker: string;
  readonly memory: ScaleSetMemory;
  readonly now: EpochMs;
}

/** States in which only a resync makes the app upgrade an instance. */
const UNTOUCHED: ReadonlySet<InstanceState> = new Set(["unproven-health", "unknown-package"]);

/** Returns whether an instance needs an upgrade and no operation is in progress on it. */
export function needsUpgrade({ state, instance }: InstanceVerdict): boolean {
  const isWanting = state === "outdated" || state === "failed" || UNTOUCHED.has(state);
  return isWanting && !isMoving(instance.provisioningState);
}

/**
 * Returns when the next attempt on an instance is due. The first row that matches decides:
 *
 *     instance                                                        due
 *     --------                                                        ---
 *     a resync asked for an attempt                                   now
 *     unproven-health, unknown-package                                never
 *     no attempt with this marker yet                                 now
 *     download failed, and another instance of the pool succeeded     now, once
 *       after that
 *     else                                                            5 and 15 minutes, 1 and 6 hours, then 24 hours
 *                                                                     after the last failure
 */
export function nextAttemptAt(verdict: InstanceVerdict, ctx: RetryContext): EpochMs {
  if (isRequested(verdict, ctx.memory)) return 0;
  if (UNTOUCHED.has(verdict.state)) return Number.POSITIVE_INFINITY;
  const attempts = attemptsOf(verdict, ctx);
  if (!attempts || isDownloadPossible(verdict, attempts, ctx.memory)) return 0;
  return dueAfter(attempts);
}

/** Returns when the next attempt after a failed one is due by the waits alone. */
export function dueAfter({ failedAt, lastAt, count }: Pick<Attempts, "failedAt" | "lastAt" | "count">): EpochMs {
  return (failedAt ?? lastAt) + retryWaitMs(count);
}

/** Returns the attempts to install the desired marker on an instance. */
export function attemptsOf(verdict: InstanceVerdict, { marker, memory }: RetryContext): Attempts | undefined {
  const attempts = memoryOf(verdict, memory)?.attempts;
  return attempts?.marker === marker ? attempts : undefined;
}

/**
 * Returns whether the model needs a higher try before the instance is upgraded: the handler does not run again for a
 * tag that it has run for.
 */
export function hasTried(verdict: InstanceVerdict, modelTry: number, ctx: RetryContext): boolean {
  if (verdict.state === "outdated") return false;
  const tried = attemptsOf(verdict, ctx)?.try ?? memoryOf(verdict, ctx.memory)?.retryAfterTry;
  return (tried ?? modelTry) >= modelTry;
}

/** Returns whether a resync asked for an attempt that has not been made yet. */
export function isRequested(verdict: InstanceVerdict, memory: ScaleSetMemory): boolean {
  return memoryOf(verdict, memory)?.retryAfterTry !== undefined;
}

/**
 * Adds the retries that are due soon to those that are due, within a quarter of their wait: instances that failed at
 * different times then share the writes of their retries.
 */
export function withSharedRetries(
  due: readonly InstanceVerdict[],
  pending: readonly InstanceVerdict[],
  ctx: RetryContext,
): readonly InstanceVerdict[] {
  if (!due.some((each) => attemptsOf(each, ctx))) return due;
  return pending.filter((each) => {
    const attempts = attemptsOf(each, ctx);
    const earlierBy = attempts ? retryWaitMs(attempts.count) / 4 : 0;
    return nextAttemptAt(each, ctx) - earlierBy <= ctx.now;
  });
}

function isDownloadPossible(
  { reason, instance }: InstanceVerdict,
  attempts: Attempts,
  memory: ScaleSetMemory,
): boolean {
  if (reason !== "cause-download" || attempts.isEarly) return false;
  const failedAt = attempts.failedAt ?? attempts.lastAt;
  return Object.entries(memory.instances).some(
    ([vmId, { succeededSince = 0 }]) => vmId !== instance.vmId && succeededSince > failedAt,
  );
}

function memoryOf({ instance }: InstanceVerdict, { instances }: ScaleSetMemory): InstanceMemory | undefined {
  return instances[instance.vmId];
}
