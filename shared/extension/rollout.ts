import { isMoving } from "../model/cluster.ts";
import type { EpochMs } from "../model/time.ts";
import { retryWaitMs } from "../model/waits.ts";
import type { ExtensionDesired } from "./desired.ts";
import type { InstanceVerdict } from "./instance-context.ts";
import type { Attempts, ScaleSetMemory } from "./memory.ts";

/** A canary can fail because of its VM. After three failures and no success, the package is considered the cause. */
const MAX_FAILED_CANARIES = 3;

/** The instances to upgrade now, and why the others wait. */
export interface Rollout {
  readonly reason: "canary" | "rollout" | "missing";
  /** Instances to upgrade now. */
  readonly batch: readonly InstanceVerdict[];
  /** How many instances are to be upgraded later. */
  readonly remaining: number;
  /** When the first of those can be retried; undefined if they wait only for other instances. */
  readonly nextAttemptAt: EpochMs | undefined;
  /** Why the package is held; undefined if it is not. */
  readonly holdReason: string | undefined;
}

/**
 * Returns the next batch of a pool. The first row that matches decides:
 *
 *     package      instances of the pool                             batch
 *     -------      ---------------------                             -----
 *     proven       any                                               RESTORE_BATCH, minus those installing
 *     not proven   one failed because of the package, or is stuck    none: the package is held
 *     not proven   three failed, none current                        none: the package is held
 *     not proven   none current, one installing                      none
 *     not proven   none current                                      one: the canary
 *     not proven   one of the last batch installing                  none
 *     not proven   some current                                      ROLLOUT_BATCH or 10 %, minus those installing
 *
 * A held package stays held until another one is published, or the nodes on which it failed are deleted.
 */
export function planRollout(
  verdicts: readonly InstanceVerdict[],
  marker: string,
  memory: ScaleSetMemory,
  { desired, now }: { readonly desired: ExtensionDesired; readonly now: EpochMs },
): Rollout {
  const pending = verdicts.filter((each) => needsUpgrade(each) && Number.isFinite(nextAttemptAt(each, marker, memory)));
  const due = pending.filter((each) => nextAttemptAt(each, marker, memory) <= now);
  const isProven = memory.provenMarker === marker;
  const size = isProven ? restoreSize(verdicts, desired) : rolloutSize(verdicts, memory, desired);

  const retriesLast = (each: InstanceVerdict): number => (attemptsOf(each, marker, memory) ? 1 : 0);
  const batch = due
    .toSorted((a, b) => retriesLast(a) - retriesLast(b) || Number(a.instance.id) - Number(b.instance.id))
    .slice(0, size);
  const hasCanary = isProven || verdicts.some((each) => each.state === "current");
  const retries = pending.map((each) => nextAttemptAt(each, marker, memory)).filter((at) => at > now);
  return {
    reason: isProven ? "missing" : hasCanary ? "rollout" : "canary",
    batch,
    remaining: pending.length - batch.length,
    nextAttemptAt: due.length === 0 && retries.length > 0 ? Math.min(...retries) : undefined,
    holdReason: isProven ? undefined : findHoldReason(verdicts),
  };
}

function restoreSize(verdicts: readonly InstanceVerdict[], desired: ExtensionDesired): number {
  const batch = desired.restoreBatch ?? Math.ceil(verdicts.length / 2);
  return Math.max(0, batch - count(verdicts, "installing"));
}

function rolloutSize(verdicts: readonly InstanceVerdict[], memory: ScaleSetMemory, desired: ExtensionDesired): number {
  if (findHoldReason(verdicts) !== undefined) return 0;
  const installing = verdicts.filter((each) => each.state === "installing");
  if (count(verdicts, "current") === 0) return installing.length > 0 ? 0 : 1;
  if (installing.some((each) => memory.lastBatch.includes(each.instance.vmId))) return 0;
  const batch = Math.max(desired.rolloutBatch, Math.ceil(verdicts.length / 10));
  return Math.max(0, batch - installing.length);
}

/** Returns whether an instance needs an upgrade and no operation is in progress on it. */
function needsUpgrade({ state, reason, instance }: InstanceVerdict): boolean {
  return (
    (state === "outdated" || state === "unknown-package" || reason === "no-effect") &&
    !isMoving(instance.provisioningState)
  );
}

/**
 * Returns why a package that is not proven is held: it failed because of itself, or three canaries failed; undefined if
 * neither.
 */
function findHoldReason(verdicts: readonly InstanceVerdict[]): string | undefined {
  const failures = verdicts.filter((each) => each.state === "failed" && each.reason !== "no-effect");
  const packageFailure = failures.find((each) => each.reason === "stuck" || each.reason === "cause-package");
  if (packageFailure) return `the package failed on ${packageFailure.instance.node}`;
  const isHeld = failures.length >= MAX_FAILED_CANARIES && count(verdicts, "current") === 0;
  return isHeld ? `the package failed on ${failures.map((each) => each.instance.node).join(", ")}` : undefined;
}

/**
 * Returns when an instance can be upgraded: at once the first time, then after increasing waits; with an unknown marker
 * only once.
 */
function nextAttemptAt(verdict: InstanceVerdict, marker: string, memory: ScaleSetMemory): EpochMs {
  const attempts = attemptsOf(verdict, marker, memory);
  if (!attempts) return 0;
  if (verdict.state === "unknown-package") return Number.POSITIVE_INFINITY;
  return attempts.lastAt + retryWaitMs(attempts.count);
}

function attemptsOf({ instance }: InstanceVerdict, marker: string, memory: ScaleSetMemory): Attempts | undefined {
  const attempts = memory.instances[instance.vmId]?.attempts;
  return attempts?.marker === marker ? attempts : undefined;
}

function count(verdicts: readonly InstanceVerdict[], state: InstanceVerdict["state"]): number {
  return verdicts.filter((each) => each.state === state).length;
}
