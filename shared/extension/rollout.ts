import type { EpochMs } from "../model/time.ts";
import type { ExtensionDesired } from "./desired.ts";
import type { InstanceVerdict } from "./instance-context.ts";
import type { ScaleSetMemory } from "./memory.ts";
import {
  attemptsOf,
  isRequested,
  needsUpgrade,
  nextAttemptAt,
  type RetryContext,
  withSharedRetries,
} from "./retries.ts";

/** A canary can fail because of its VM. After three failures and no success, the app only retries these. */
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
  /** Returns whether the app does not upgrade an instance while the package is held. */
  readonly isHeldFor: (verdict: InstanceVerdict) => boolean;
}

/**
 * Returns the next batch of a pool. The first row that matches decides:
 *
 *     package      instances of the pool                             batch
 *     -------      ---------------------                             -----
 *     proven       any                                               RESTORE_BATCH, minus those installing
 *     not proven   one failed because of the package, or is stuck    a failed one, if a resync asked; the package is held
 *     not proven   none current, one installing                      none
 *     not proven   three failed, none current                        one of these; the package is held
 *     not proven   none current                                      one: the canary
 *     not proven   one of the last batch installing                  none
 *     not proven   some current                                      ROLLOUT_BATCH or 10 %, minus those installing
 *
 * A held package stays held until another one is published, the nodes on which it failed are deleted, or a retry
 * succeeds. A failure of an unknown try counts against no package.
 */
export function planRollout(
  verdicts: readonly InstanceVerdict[],
  marker: string,
  memory: ScaleSetMemory,
  { desired, now }: { readonly desired: ExtensionDesired; readonly now: EpochMs },
): Rollout {
  const ctx: RetryContext = { marker, memory, now };
  const nextAt = (each: InstanceVerdict): EpochMs => nextAttemptAt(each, ctx);
  const pending = verdicts.filter((each) => needsUpgrade(each) && Number.isFinite(nextAt(each)));
  const isProven = memory.provenMarker === marker;
  const hasCanary = isProven || count(verdicts, "current") > 0;
  const hold = isProven ? undefined : findHold(verdicts, hasCanary, ctx);
  const allowed = pending.filter((each) => hold?.allows(each) ?? true);
  const due = allowed.filter((each) => nextAt(each) <= now);
  const size = isProven ? restoreSize(verdicts, desired) : rolloutSize(verdicts, memory, desired, hold !== undefined);
  const retriesLast = (each: InstanceVerdict): number => (attemptsOf(each, ctx) ? 1 : 0);
  const batch = withSharedRetries(due, allowed, ctx)
    .toSorted((a, b) => retriesLast(a) - retriesLast(b) || Number(a.instance.id) - Number(b.instance.id))
    .slice(0, size);
  const later = allowed.map(nextAt).filter((at) => at > now);
  return {
    reason: isProven ? "missing" : hasCanary ? "rollout" : "canary",
    batch,
    remaining: pending.length - batch.length,
    nextAttemptAt: due.length === 0 && later.length > 0 ? Math.min(...later) : undefined,
    holdReason: hold?.reason,
    isHeldFor: (each) => hold !== undefined && !hold.allows(each),
  };
}

function restoreSize(verdicts: readonly InstanceVerdict[], desired: ExtensionDesired): number {
  const batch = desired.restoreBatch ?? Math.ceil(verdicts.length / 2);
  return Math.max(0, batch - count(verdicts, "installing"));
}

function rolloutSize(
  verdicts: readonly InstanceVerdict[],
  memory: ScaleSetMemory,
  desired: ExtensionDesired,
  isHeld: boolean,
): number {
  const installing = verdicts.filter((each) => each.state === "installing");
  if (isHeld || count(verdicts, "current") === 0) return installing.length > 0 ? 0 : 1;
  if (installing.some((each) => memory.lastBatch.includes(each.instance.vmId))) return 0;
  const batch = Math.max(desired.rolloutBatch, Math.ceil(verdicts.length / 10));
  return Math.max(0, batch - installing.length);
}

/** Why a package that is not proven is held, and the instances that may still be upgraded to it. */
interface Hold {
  readonly reason: string;
  readonly allows: (verdict: InstanceVerdict) => boolean;
}

/** Returns undefined if the package did not fail because of itself, and not on three canaries. */
function findHold(verdicts: readonly InstanceVerdict[], hasCanary: boolean, ctx: RetryContext): Hold | undefined {
  const failures = verdicts.filter((each) => each.state === "failed" && each.reason !== "no-effect");
  const packageFailure = failures.find((each) => isFailureOfPackage(each, ctx));
  if (packageFailure) {
    const reason = `the package failed on ${packageFailure.instance.node}`;
    return { reason, allows: (each) => each.state === "failed" && isRequested(each, ctx.memory) };
  }
  if (failures.length < MAX_FAILED_CANARIES || hasCanary) return undefined;
  const reason = `the package failed on ${failures.map((each) => each.instance.node).join(", ")}`;
  return { reason, allows: ({ state }) => state === "failed" };
}

function isFailureOfPackage(verdict: InstanceVerdict, ctx: RetryContext): boolean {
  const { reason } = verdict;
  return (reason === "stuck" || reason === "cause-package") && attemptsOf(verdict, ctx)?.isTryKnown === true;
}

function count(verdicts: readonly InstanceVerdict[], state: InstanceVerdict["state"]): number {
  return verdicts.filter((each) => each.state === state).length;
}
