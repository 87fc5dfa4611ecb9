import type { InstanceRef } from "../model/scale-set.ts";
import { MINUTE_MS } from "../model/time.ts";
import type { InstanceVerdict } from "./instance-context.ts";
import type { Rollout } from "./rollout.ts";
import { type Decision, observedState, type ScaleSetContext } from "./scale-set-context.ts";

/** Selects the instances to upgrade in a scale set whose model is as desired. */
export function converge(ctx: ScaleSetContext): Decision {
  const { desiredExtension, rollout, scaleSet, poolName, instances: verdicts } = ctx;
  if (!desiredExtension || !rollout) return { state: "at-rest" };
  if (rollout.batch.length === 0) return withoutUpgrade(verdicts, rollout, ctx);
  if (ctx.now < ctx.upgradesFrom) {
    return { state: "waiting", reason: "memory-lost", message: countByState(verdicts), requeueAt: ctx.upgradesFrom };
  }

  const action = {
    kind: "upgrade-instances",
    scaleSet: scaleSet.id,
    pool: poolName,
    reason: rollout.reason,
    marker: desiredExtension.marker,
    try: desiredExtension.try,
    instances: rollout.batch.map(({ instance }): InstanceRef => {
      const { id, vmId, node } = instance;
      return { scaleSet: scaleSet.id, id, vmId, node };
    }),
    observed: observedState(ctx),
  } as const;
  return { state: "converging", reason: rollout.reason, action, message: countByState(verdicts) };
}

/**
 * Returns the decision when no instance can be upgraded now: all are current, some are in progress, or the package is
 * held.
 */
function withoutUpgrade(
  verdicts: readonly InstanceVerdict[],
  rollout: Rollout,
  { now, desired }: ScaleSetContext,
): Decision {
  const message = countByState(verdicts);
  if (rollout.remaining === 0) {
    return { state: verdicts.some((each) => each.state === "installing") ? "converging" : "at-rest", message };
  }
  if (rollout.holdReason !== undefined) {
    const problem = `${rollout.holdReason} (instances: ${message})`;
    const remedy = "Publish another package, or resync to retry";
    const later = rollout.nextAttemptAt !== undefined && { requeueAt: rollout.nextAttemptAt };
    return { state: "waiting", reason: "canary-failed", message: `${problem}. ${remedy}`, ...later };
  }
  if (rollout.nextAttemptAt !== undefined) {
    return { state: "waiting", reason: "retry", message, requeueAt: rollout.nextAttemptAt };
  }
  const requeueAt = !desired.isObserveOnly ? now + MINUTE_MS : undefined;
  return { state: "converging", reason: "rollout", message, ...(requeueAt !== undefined && { requeueAt }) };
}

/** Returns the number of instances in each state, for example `3 current, 1 installing`. */
function countByState(verdicts: readonly InstanceVerdict[]): string {
  const counts = new Map<string, number>();
  for (const { state } of verdicts) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${state}`).join(", ") || "the scale set has no instances";
}
