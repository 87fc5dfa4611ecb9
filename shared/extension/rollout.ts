import type { Reason } from "../model/reason.ts";
import type { EpochMs } from "../model/time.ts";
import type { ExtensionDesired } from "./desired.ts";
import { findHold, type Hold } from "./hold.ts";
import type { InstanceVerdict } from "./instance-context.ts";
import type { ScaleSetMemory } from "./memory.ts";
import { attemptsOf, needsUpgrade, nextAttemptAt, withSharedRetries } from "./retries.ts";

/** The instances to upgrade now, and why the others wait. */
export interface Rollout {
  readonly reason: Extract<Reason, "canary" | "rollout" | "missing" | "uninstall">;
  /** Instances to upgrade now. */
  readonly batch: readonly InstanceVerdict[];
  /** Those that are upgraded later, in their order. */
  readonly queue: readonly InstanceVerdict[];
  /** When the first of those can be retried; undefined if they wait only for other instances. */
  readonly nextAttemptAt: EpochMs | undefined;
  /** What keeps instances from being upgraded. */
  readonly hold: Hold | undefined;
}

/** What the next batch depends on. */
export interface RolloutContext {
  readonly desired: Pick<ExtensionDesired, "rolloutBatch" | "restoreBatch">;
  /** The desired marker, and whether the cluster has not proven it yet. */
  readonly marker: string;
  readonly isNew: boolean;
  readonly memory: ScaleSetMemory;
  readonly now: EpochMs;
}

/**
 * Returns the next batch of a pool. The first row that matches decides its size:
 *
 *     observed                                                                  size
 *     --------                                                                  ----
 *     it is not known what the last batch did to each of its nodes              none
 *     a hold, and a retry that it allows                                        one
 *     the marker is new, and an instance is installing                          none
 *     the marker is new                                                         one
 *     no node was unharmed by an upgrade since AKS last worked on the pool,     one
 *       or since its uninstallation began
 *     instances without a proven exporter are due                               RESTORE_BATCH of these, minus those
 *                                                                               installing
 *     else                                                                      ROLLOUT_BATCH or 10 %, minus those
 *                                                                               installing
 *
 * An upgrade applies the whole model, also what AKS has changed in it and Azure does not show: its effect is watched on
 * one node first. First attempts come before retries.
 */
export function planRollout(verdicts: readonly InstanceVerdict[], ctx: RolloutContext): Rollout {
  const { now, isNew } = ctx;
  const nextAt = (each: InstanceVerdict): EpochMs => nextAttemptAt(each, ctx);
  const pending = verdicts.filter((each) => needsUpgrade(each) && Number.isFinite(nextAt(each)));
  const hold = findHold(verdicts, ctx);
  const allowed = pending.filter((each) => hold?.allows(each) ?? true);
  const due = withSharedRetries(
    allowed.filter((each) => nextAt(each) <= now),
    allowed,
    ctx,
  );
  const inOrder = (each: readonly InstanceVerdict[]) => each.toSorted(byTurn(ctx));
  // An exporter that is removed is one that works, as far as the size of a batch is concerned.
  const blind = ctx.memory.uninstall ? [] : due.filter((each) => isBlind(each, ctx.memory));
  const first = blind.length > 0 ? blind : due;
  const batch = inOrder(first).slice(0, sizeOf(verdicts, ctx, { hold, isRestoring: blind.length > 0 }));
  const chosen = new Set(batch);
  const later = allowed.map(nextAt).filter((at) => at > now);
  const isCanary = isNew && !verdicts.some(({ state }) => state === "current");
  return {
    reason: ctx.memory.uninstall ? "uninstall" : isCanary ? "canary" : blind.length > 0 ? "missing" : "rollout",
    batch,
    queue: inOrder(allowed).filter((each) => !chosen.has(each)),
    nextAttemptAt: due.length === 0 && later.length > 0 ? Math.min(...later) : undefined,
    hold,
  };
}

function sizeOf(
  verdicts: readonly InstanceVerdict[],
  { desired, memory, isNew }: RolloutContext,
  { hold, isRestoring }: { readonly hold: Hold | undefined; readonly isRestoring: boolean },
): number {
  if (memory.batch) return 0;
  const installing = verdicts.filter(({ state }) => state === "installing").length;
  if (hold || isNew) return installing > 0 ? 0 : 1;
  if (!isTrusted(memory)) return 1;
  const restored = desired.restoreBatch ?? Math.ceil(verdicts.length / 2);
  const replaced = Math.max(desired.rolloutBatch, Math.ceil(verdicts.length / 10));
  return Math.max(0, (isRestoring ? restored : replaced) - installing);
}

/**
 * Returns whether an upgrade has left a node of the pool unharmed since another writer last worked on it, and since its
 * uninstallation began.
 */
function isTrusted({ unharmedAt = 0, aksWorkedAt = 0, writtenAt = 0, uninstall }: ScaleSetMemory): boolean {
  return unharmedAt > Math.max(aksWorkedAt, writtenAt, uninstall?.since ?? 0);
}

/** Returns whether an instance has no proven exporter, and so nothing to lose. */
function isBlind({ instance }: InstanceVerdict, { instances }: ScaleSetMemory): boolean {
  return instances[instance.vmId]?.unprovenSince !== undefined;
}

/** Orders by blindness, then first attempts before retries, then by id. */
function byTurn(ctx: RolloutContext): (a: InstanceVerdict, b: InstanceVerdict) => number {
  const rank = (each: InstanceVerdict): number => (isBlind(each, ctx.memory) ? 0 : 2) + (attemptsOf(each, ctx) ? 1 : 0);
  return (a, b) => rank(a) - rank(b) || Number(a.instance.id) - Number(b.instance.id);
}
