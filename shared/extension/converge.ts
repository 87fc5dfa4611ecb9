import type { UpgradedInstance } from "../model/action.ts";
import { MINUTE_MS } from "../model/time.ts";
import type { Hold } from "./hold.ts";
import type { InstanceVerdict } from "./instance-context.ts";
import type { ScaleSetMemory } from "./memory.ts";
import type { Rollout } from "./rollout.ts";
import { type Decision, observedState, type ScaleSetContext } from "./scale-set-context.ts";

/** Selects the instances to upgrade in a scale set whose model is as desired. */
export function converge(ctx: ScaleSetContext): Decision {
  const { desiredExtension, rollout, scaleSet, poolName, instances: verdicts } = ctx;
  if (!desiredExtension || !rollout) return { state: "at-rest" };
  if (rollout.batch.length === 0) return withoutUpgrade(verdicts, rollout, ctx);
  if (ctx.now < ctx.upgradesFrom) {
    return {
      state: "waiting",
      reason: "memory-lost",
      message: describeInstances(verdicts, ctx.memory),
      requeueAt: ctx.upgradesFrom,
    };
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
  return { state: "converging", reason: rollout.reason, action, message: describeInstances(verdicts, ctx.memory) };
}

/**
 * Returns the decision when no instance can be upgraded now: all are current, some are in progress, the last batch is
 * watched, or a hold applies.
 */
function withoutUpgrade(verdicts: readonly InstanceVerdict[], rollout: Rollout, ctx: ScaleSetContext): Decision {
  const { now, desired, memory } = ctx;
  const message = describeInstances(verdicts, ctx.memory);
  const { hold, queue, nextAttemptAt } = rollout;
  if (hold && keepsBack(hold, verdicts)) return held(hold, message, rollout);
  const reason = memory.uninstall ? "uninstall" : "rollout";
  const soon = desired.isObserveOnly ? {} : { requeueAt: now + MINUTE_MS };
  if (memory.batch) {
    const watched = memory.batch.members.filter(({ result }) => result === undefined).map(({ node }) => node);
    return { state: "converging", reason, message: `${message}; watches ${watched.join(", ")}`, ...soon };
  }
  if (queue.length === 0) {
    if (verdicts.some(({ state }) => state === "installing")) return { state: "converging", message };
    return memory.uninstall ? { state: "waiting", reason, message } : { state: "at-rest", message };
  }
  if (nextAttemptAt !== undefined) return { state: "waiting", reason: "retry", message, requeueAt: nextAttemptAt };
  return { state: "converging", reason, message, ...soon };
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

/** Returns how many instances are in each state; of a pool that is uninstalled also why it fails, where it does. */
function describeInstances(verdicts: readonly InstanceVerdict[], { uninstall }: ScaleSetMemory): string {
  const counts = countByState(verdicts);
  const failed = verdicts.filter(({ state }) => uninstall !== undefined && state === "failed");
  if (failed.length === 0) return counts;
  return `${counts}; the removal fails on ${failed.map((each) => `${each.instance.node} (${each.message})`).join(", ")}`;
}

/** Returns the number of instances in each state, for example `3 current, 1 installing`. */
function countByState(verdicts: readonly InstanceVerdict[]): string {
  const counts = new Map<string, number>();
  for (const { state } of verdicts) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${state}`).join(", ") || "the scale set has no instances";
}
