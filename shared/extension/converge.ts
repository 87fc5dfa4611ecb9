import type { UpgradedInstance } from "../model/action.ts";
import { MINUTE_MS } from "../model/time.ts";
import type { Hold } from "./hold.ts";
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
    instances: rollout.batch.map(({ instance }): UpgradedInstance => {
      const { id, vmId, node } = instance;
      return { scaleSet: scaleSet.id, id, vmId, node, before: ctx.nodes?.nodes.get(node) };
    }),
    observed: observedState(ctx),
  } as const;
  return { state: "converging", reason: rollout.reason, action, message: countByState(verdicts) };
}

/**
 * Returns the decision when no instance can be upgraded now: all are current, some are in progress, the last batch is
 * watched, or a hold applies.
 */
function withoutUpgrade(verdicts: readonly InstanceVerdict[], rollout: Rollout, ctx: ScaleSetContext): Decision {
  const { now, desired, memory } = ctx;
  const message = countByState(verdicts);
  const { hold, queue, nextAttemptAt } = rollout;
  if (hold && keepsBack(hold, verdicts)) return held(hold, message, rollout);
  const soon = desired.isObserveOnly ? {} : { requeueAt: now + MINUTE_MS };
  if (memory.batch) {
    const watched = memory.batch.members.filter(({ result }) => result === undefined).map(({ node }) => node);
    return { state: "converging", reason: "rollout", message: `${message}; watches ${watched.join(", ")}`, ...soon };
  }
  if (queue.length === 0) {
    return { state: verdicts.some(({ state }) => state === "installing") ? "converging" : "at-rest", message };
  }
  if (nextAttemptAt !== undefined) return { state: "waiting", reason: "retry", message, requeueAt: nextAttemptAt };
  return { state: "converging", reason: "rollout", message, ...soon };
}

/** Returns whether an instance would be upgraded without the hold. */
function keepsBack({ allows }: Hold, verdicts: readonly InstanceVerdict[]): boolean {
  return verdicts.some((each) => (each.state === "outdated" || each.state === "failed") && !allows(each));
}

function held(hold: Hold, instances: string, { nextAttemptAt }: Rollout): Decision {
  const { reason, nodes, since, message } = hold;
  return {
    state: "held",
    reason,
    message: `${message} (instances: ${instances})`,
    names: { nodes },
    ...(since !== undefined && { since }),
    ...(nextAttemptAt !== undefined && { requeueAt: nextAttemptAt }),
  };
}

/** Returns the number of instances in each state, for example `3 current, 1 installing`. */
function countByState(verdicts: readonly InstanceVerdict[]): string {
  const counts = new Map<string, number>();
  for (const { state } of verdicts) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${state}`).join(", ") || "the scale set has no instances";
}
