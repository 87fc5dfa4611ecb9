import type { InstanceRef } from "../model/scale-set.ts";
import { MINUTE_MS } from "../model/time.ts";
import type { InstanceVerdict } from "./instances.ts";
import { planRollout, type Rollout } from "./rollout.ts";
import type { Decision, ScaleSetContext } from "./scale-set-context.ts";

/** The model is as desired: brings instances to it, within the rollout. */
export function converge(ctx: ScaleSetContext, verdicts: readonly InstanceVerdict[]): Decision {
  const { desired, now, memory, desiredExtension, scaleSet, poolName } = ctx;
  if (!desiredExtension) return { state: "at-rest" };
  const rollout = planRollout(verdicts, desiredExtension.marker, memory, { desired, now });
  if (rollout.now.length === 0) return rest(verdicts, rollout, ctx);

  const action = {
    kind: "upgrade-instances",
    scaleSet: scaleSet.id,
    pool: poolName,
    reason: rollout.reason,
    marker: desiredExtension.marker,
    instances: rollout.now.map(({ instance }): InstanceRef => {
      const { id, vmId, node } = instance;
      return { scaleSet: scaleSet.id, id, vmId, node };
    }),
    etag: scaleSet.etag,
  } as const;
  return { state: "converging", reason: rollout.reason, action, message: tally(verdicts) };
}

/** Nothing to upgrade now: because all is well, one is awaited, or the package is held. */
function rest(verdicts: readonly InstanceVerdict[], rollout: Rollout, { now, desired }: ScaleSetContext): Decision {
  const message = tally(verdicts);
  if (rollout.remaining === 0) {
    return { state: verdicts.some((each) => each.state === "installing") ? "converging" : "at-rest", message };
  }
  if (rollout.heldBy !== undefined) {
    const way = "publish another package, or delete the node";
    return { state: "waiting", reason: "canary-failed", message: `${rollout.heldBy}; ${way}; ${message}` };
  }
  const soon = rollout.nextTryAt ?? (!desired.isObserveOnly ? now + MINUTE_MS : undefined);
  return { state: "converging", reason: "rollout", message, ...(soon !== undefined && { requeueAt: soon }) };
}

/** `3 current, 1 installing`, in the order in which the states first appear. */
function tally(verdicts: readonly InstanceVerdict[]): string {
  const counts = new Map<string, number>();
  for (const { state } of verdicts) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${state}`).join(", ") || "no instances";
}
