import { compact } from "../model/json.ts";
import type { Finding } from "../model/verdict.ts";
import type { InstanceVerdict } from "./instance-context.ts";
import { nextAttemptAt } from "./retries.ts";
import type { ScaleSetContext } from "./scale-set-context.ts";

/** Returns the finding about one instance, with what is known of it whatever its state. */
export function instanceFinding(verdict: InstanceVerdict, ctx: ScaleSetContext): Finding {
  const { scaleSet, poolName: pool, memory, packages } = ctx;
  const { instance, state, reason, message } = verdict;
  const { id, vmId, node } = instance;
  const { marker, unprovenSince } = memory.instances[vmId] ?? {};
  const carried = marker === undefined ? undefined : packages.get(marker);
  const nextTryAt = nextTryOf(verdict, ctx);
  const isDesired = marker !== undefined && marker === ctx.marker;
  return compact({
    subject: { kind: "instance", scaleSet: scaleSet.id, id, vmId, node } as const,
    state,
    reason,
    message,
    nextTryAt,
    instance: compact({ pool, isDesired, package: carried, unprovenSince }),
  });
}

/** Returns when the app tries again a failed installation; undefined if that is now, or if only a person can cause it. */
function nextTryOf(verdict: InstanceVerdict, { desiredExtension, rollout, memory, now }: ScaleSetContext) {
  if (verdict.state !== "failed" || !desiredExtension || rollout?.isHeldFor(verdict)) return undefined;
  const at = nextAttemptAt(verdict, { marker: desiredExtension.marker, memory, now });
  return Number.isFinite(at) && at > now ? at : undefined;
}
