import type { ExtensionAction } from "../model/action.ts";
import { isMoving } from "../model/cluster.ts";
import { EXTENSION_NAME } from "../model/extension.ts";
import type { ClusterId } from "../model/ids.ts";
import type { ExtensionObserved } from "../model/observed.ts";
import { byText } from "../model/order.ts";
import type { Plan } from "../model/plan.ts";
import { isManaged } from "../model/pools.ts";
import type { Instance, ScaleSet } from "../model/scale-set.ts";
import { type EpochMs, MINUTE_MS } from "../model/time.ts";
import { type Finding, type Subject, toVerdicts } from "../model/verdict.ts";
import { busyWaitMs } from "../model/waits.ts";
import { withBackOff } from "./back-off.ts";
import { converge } from "./converge.ts";
import type { ExtensionDesired } from "./desired.ts";
import { left, linkExpiring, missing, packageDiffers, packageUnusable, settingsDiffer } from "./drift.ts";
import {
  aksBusy,
  describeFailed,
  foreignExtension,
  isDegraded,
  locked,
  otherOwner,
  ownOperation,
  settling,
  stopped,
  upgradePolicy,
} from "./guards.ts";
import { classifyInstance, type InstanceVerdict } from "./instances.ts";
import type { ExtensionMemory } from "./memory.ts";
import { choosePackage } from "./package.ts";
import { createScaleSetContext, type Decision, type Row, type ScaleSetContext } from "./scale-set-context.ts";

/**
 * First row that fits, per scale set:
 *
 *     observed                                                       plan
 *     --------                                                       ----
 *     node resource group locked                                     refuse node-resource-group-locked
 *     upgrade policy not Manual, or not Uniform                      refuse upgrade-policy
 *     cluster and pool at rest, our operation runs                   wait own-operation
 *     cluster, pool or set moving                                    wait aks-busy
 *     cluster or pool stopped                                        wait stopped
 *     failed or canceled, not by us, for less than 15 minutes        wait settling
 *     a DSC extension under another name                             refuse foreign-extension
 *     ours by another owner                                          refuse other-owner
 *     not in the pool filter                                         left; its link renewed
 *     no package wanted                                              refuse package-unusable; its link renewed
 *     ours absent                                                    put-extension missing
 *     another marker than the wanted one                             put-extension package-differs
 *     another readable property                                      put-extension settings-differ
 *     the link at half of its life                                   put-extension link-expiring
 *     none of these                                                  the instances
 */
const ROWS: readonly Row[] = [
  locked,
  upgradePolicy,
  ownOperation,
  aksBusy,
  stopped,
  settling,
  foreignExtension,
  otherOwner,
  left,
  packageUnusable,
  missing,
  packageDiffers,
  settingsDiffer,
  linkExpiring,
];

interface Planned {
  readonly actions: readonly ExtensionAction[];
  readonly findings: readonly Finding[];
  readonly requeueAt: EpochMs;
}

/** Decides what one pass does in one cluster. Pure: the same world gives the same plan, in whatever order it was read. */
export function planExtension(
  id: ClusterId,
  desired: ExtensionDesired,
  observed: ExtensionObserved,
  memory: ExtensionMemory,
): Plan<ExtensionAction> {
  const { cluster, at: now } = observed;
  const resyncAt = now + desired.resyncAfterMs;
  if (!cluster) {
    const finding: Finding = { subject: { kind: "cluster", cluster: id }, state: "refused", reason: "cluster-gone" };
    return { actions: [], verdicts: toVerdicts([finding], memory.since, now), requeueAt: resyncAt };
  }

  const desiredPackage = choosePackage(desired, observed, memory);
  const planned = observed.scaleSets
    .filter((scaleSet) => concerns(scaleSet, desired))
    .toSorted(byText(({ id }) => id))
    .map((scaleSet) =>
      planScaleSet(createScaleSetContext(cluster, scaleSet, { desired, observed, memory, desiredPackage }), memory),
    );
  const problem: readonly Finding[] = desiredPackage.problem
    ? [
        {
          subject: { kind: "cluster", cluster: id },
          state: "package-unusable",
          reason: "package-unusable",
          message: desiredPackage.problem,
        },
      ]
    : [];
  const findings = [...problem, ...planned.flatMap((each) => each.findings)];
  return {
    actions: planned.flatMap((each) => each.actions),
    verdicts: toVerdicts(findings, memory.since, now),
    requeueAt: Math.min(resyncAt, ...planned.map((each) => each.requeueAt)),
  };
}

/** Outside the pool filter only a set that carries ours is looked at. */
function concerns({ isWindows, pool, extensions }: ScaleSet, desired: ExtensionDesired): boolean {
  if (!isWindows || pool === undefined) return false;
  return isManaged(pool, desired.selection) || extensions.some((each) => each.name === EXTENSION_NAME);
}

function planScaleSet(ctx: ScaleSetContext, memory: ExtensionMemory): Planned {
  const { scaleSet } = ctx;
  const marker = ctx.desiredExtension?.marker ?? ctx.currentExtension?.tag?.marker;
  const instances = scaleSet.instances
    .toSorted((a, b) => Number(a.id) - Number(b.id))
    .map((instance) => classifyInstance(instance, { marker, model: scaleSet, memory: ctx.memory, now: ctx.now }));
  const decision = withBackOff(ctx, firstThatFits(ctx) ?? converge(ctx, instances));

  const subject: Subject = { kind: "scale-set", scaleSet: scaleSet.id, pool: ctx.poolName };
  const findings: Finding[] = [{ subject, ...worded(decision) }];
  if (isDegraded(ctx)) findings.push({ subject, state: "degraded", reason: "settling", message: describeFailed(ctx) });
  findings.push(...instances.map((each) => ({ subject: refer(scaleSet, each.instance), ...worded(each) })));
  return {
    actions: decision.action ? [decision.action] : [],
    findings,
    requeueAt: requeueAt(ctx, decision, instances, memory),
  };
}

function firstThatFits(ctx: ScaleSetContext): Decision | undefined {
  for (const row of ROWS) {
    const decision = row(ctx);
    if (decision) return decision;
  }
  return undefined;
}

/**
 * In a minute while an action is on its way or an instance is; after 1, 2, 4, then 5 minutes while AKS works; when the
 * decision says; else when the cluster is looked at anyway.
 */
function requeueAt(
  ctx: ScaleSetContext,
  decision: Decision,
  instances: readonly InstanceVerdict[],
  memory: ExtensionMemory,
): EpochMs {
  const times = [ctx.now + ctx.desired.resyncAfterMs];
  if (decision.requeueAt !== undefined) times.push(decision.requeueAt);
  if (ctx.memory.operation?.state === "running") times.push(ctx.now + MINUTE_MS);
  if (decision.action && !ctx.desired.isObserveOnly) times.push(ctx.now + MINUTE_MS);
  if (instances.some(isOnItsWay)) times.push(ctx.now + MINUTE_MS);
  if (decision.reason === "aks-busy") {
    times.push(ctx.now + busyWaitMs(memory.busyPasses));
  }
  return Math.min(...times);
}

function isOnItsWay({ state, instance }: InstanceVerdict): boolean {
  return state === "installing" || (state === "unknown" && instance.isRunning && isMoving(instance.provisioningState));
}

function refer(scaleSet: ScaleSet, { id, vmId, node }: Instance): Subject {
  return { kind: "instance", scaleSet: scaleSet.id, id, vmId, node };
}

function worded({ state, reason, message }: Decision | InstanceVerdict): Omit<Finding, "subject"> {
  return { state, ...(reason && { reason }), ...(message !== undefined && { message }) };
}
