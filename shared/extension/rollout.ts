import { isMoving } from "../model/cluster.ts";
import type { EpochMs } from "../model/time.ts";
import { retryWaitMs } from "../model/waits.ts";
import type { ExtensionDesired } from "./desired.ts";
import type { InstanceVerdict } from "./instances.ts";
import type { Attempts, ScaleSetMemory } from "./memory.ts";

/** An instance may fail by its own fault; three in a row, before one is current, are no longer one's own. */
const MAX_FAILED_CANARIES = 3;

/** Which instances are upgraded now, and what holds the others. */
export interface Rollout {
  readonly reason: "canary" | "rollout" | "missing";
  readonly now: readonly InstanceVerdict[];
  /** Instances that will be upgraded later. */
  readonly remaining: number;
  /** When the first of those may be tried again; undefined: as soon as the others are done. */
  readonly nextTryAt: EpochMs | undefined;
  /** Why nothing more is done with this package; undefined while the rollout goes on. */
  readonly heldBy: string | undefined;
}

/**
 *     package                  an instance of it            upgraded now
 *     -------                  -----------------            ------------
 *     proven in this pool      whatever the others are      RESTORE_BATCH less those installing
 *     not proven               stuck, failed for cause      none: held until another package is published
 *     not proven               three failed, none current   none: held as well
 *     not proven               none current, one installing none
 *     not proven               none current                 one, the canary
 *     not proven               one of the last batch is     none
 *                                installing
 *     not proven               some current                 ROLLOUT_BATCH, or 10 %, less those installing
 */
export function planRollout(
  verdicts: readonly InstanceVerdict[],
  marker: string,
  memory: ScaleSetMemory,
  { desired, now }: { readonly desired: ExtensionDesired; readonly now: EpochMs },
): Rollout {
  const work = verdicts.filter((each) => isWork(each) && Number.isFinite(nextTryAt(each, marker, memory)));
  const triable = work.filter((each) => nextTryAt(each, marker, memory) <= now);
  const isProven = memory.provenMarker === marker;
  const size = isProven ? restoreSize(verdicts, desired) : rolloutSize(verdicts, memory, desired);

  const firstAttempts = (each: InstanceVerdict): number => (attemptsOf(each, marker, memory) ? 1 : 0);
  const chosen = triable
    .toSorted((a, b) => firstAttempts(a) - firstAttempts(b) || Number(a.instance.id) - Number(b.instance.id))
    .slice(0, size);
  const hasCanary = isProven || verdicts.some((each) => each.state === "current");
  const tries = work.map((each) => nextTryAt(each, marker, memory)).filter((at) => at > now);
  return {
    reason: isProven ? "missing" : hasCanary ? "rollout" : "canary",
    now: chosen,
    remaining: work.length - chosen.length,
    nextTryAt: triable.length === 0 && tries.length > 0 ? Math.min(...tries) : undefined,
    heldBy: isProven ? undefined : holder(verdicts),
  };
}

function restoreSize(verdicts: readonly InstanceVerdict[], desired: ExtensionDesired): number {
  const batch = desired.restoreBatch ?? Math.ceil(verdicts.length / 2);
  return Math.max(0, batch - count(verdicts, "installing"));
}

function rolloutSize(verdicts: readonly InstanceVerdict[], memory: ScaleSetMemory, desired: ExtensionDesired): number {
  if (holder(verdicts) !== undefined) return 0;
  const installing = verdicts.filter((each) => each.state === "installing");
  if (count(verdicts, "current") === 0) return installing.length > 0 ? 0 : 1;
  if (installing.some((each) => memory.lastBatch.includes(each.instance.vmId))) return 0;
  const batch = Math.max(desired.rolloutBatch, Math.ceil(verdicts.length / 10));
  return Math.max(0, batch - installing.length);
}

/** An instance on which somebody else is at work is left to them. */
function isWork({ state, instance }: InstanceVerdict): boolean {
  return (
    (state === "outdated" || state === "unproven" || state === "no-effect") && !isMoving(instance.provisioningState)
  );
}

/** What stops a package that is not proven: a failure that is its own, or canaries that fail one after the other. */
function holder(verdicts: readonly InstanceVerdict[]): string | undefined {
  const failures = verdicts.filter((each) => each.state === "failed" || each.state === "stuck");
  const own = failures.find((each) => each.state === "stuck" || each.reason === "cause-package");
  if (own) return `it failed on ${own.instance.node}`;
  const isHeld = failures.length >= MAX_FAILED_CANARIES && count(verdicts, "current") === 0;
  return isHeld ? `it failed on ${failures.map((each) => each.instance.node).join(", ")}` : undefined;
}

/** First attempts at once; an upgrade that ARM failed again after a while; one of unknown marker only once. */
function nextTryAt(verdict: InstanceVerdict, marker: string, memory: ScaleSetMemory): EpochMs {
  const attempts = attemptsOf(verdict, marker, memory);
  if (!attempts) return 0;
  if (verdict.state === "unproven") return Number.POSITIVE_INFINITY;
  return attempts.lastAt + retryWaitMs(attempts.count);
}

function attemptsOf({ instance }: InstanceVerdict, marker: string, memory: ScaleSetMemory): Attempts | undefined {
  const attempts = memory.instances[instance.vmId]?.attempts;
  return attempts?.marker === marker ? attempts : undefined;
}

function count(verdicts: readonly InstanceVerdict[], state: InstanceVerdict["state"]): number {
  return verdicts.filter((each) => each.state === state).length;
}
