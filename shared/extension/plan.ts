import type { ExtensionAction } from "../model/action.ts";
import { isMoving } from "../model/cluster.ts";
import { findOwnExtension } from "../model/extension.ts";
import type { ClusterId } from "../model/ids.ts";
import type { ExtensionObserved } from "../model/observed.ts";
import { byText } from "../model/order.ts";
import type { Plan } from "../model/plan.ts";
import { isManaged } from "../model/pools.ts";
import type { Instance, ScaleSet, ScaleSetModel } from "../model/scale-set.ts";
import { type EpochMs, MINUTE_MS } from "../model/time.ts";
import { type Finding, type Subject, toVerdicts } from "../model/verdict.ts";
import { busyWaitMs } from "../model/waits.ts";
import { withBackOff } from "./back-off.ts";
import { converge } from "./converge.ts";
import type { ExtensionDesired } from "./desired.ts";
import {
  danglingDependency,
  linkExpiring,
  missing,
  packageDiffers,
  packageUnusable,
  retry,
  settingsDiffer,
  unmanaged,
} from "./drift.ts";
import {
  aksBusy,
  describeFailedResources,
  foreignExtension,
  isDegraded,
  locked,
  otherOwner,
  ownOperation,
  settling,
  stopped,
  upgradePolicy,
} from "./guards.ts";
import type { InstanceVerdict } from "./instance-context.ts";
import type { ExtensionMemory } from "./memory.ts";
import { choosePackage } from "./package.ts";
import { createScaleSetContext, type Decision, type Row, type ScaleSetContext } from "./scale-set-context.ts";

/**
 * A scale set whose instances could not be listed is `unreadable`, with its own wait. The first row that matches any
 * other decides:
 *
 *     observed                                                       decision
 *     --------                                                       --------
 *     node resource group locked                                     refused node-resource-group-locked
 *     upgrade policy not Manual, or orchestration not Uniform        refused upgrade-policy
 *     our operation running, no operation on cluster and pool        waiting own-operation
 *     operation in progress on cluster, pool or scale set            waiting aks-busy; renew a link of less than a
 *                                                                    day after 12 hours, with the scale set at rest
 *     cluster or pool stopped                                        waiting stopped
 *     Failed or Canceled for less than 15 minutes, not by us         waiting settling
 *     DSC extension with another name                                refused foreign-extension
 *     our extension has another owner                                refused other-owner
 *     pool not managed                                               unmanaged; renew the link
 *     no desired package                                             refused package-unusable; renew the link
 *     our extension missing                                          put-extension missing
 *     marker differs                                                 put-extension package-differs
 *     it depends on an extension that is gone                        put-extension dangling-dependency
 *     other readable property differs                                put-extension settings-differ
 *     a failed instance is due and has run for the model's try       put-extension retry
 *     its link has less than 84 hours left, or its expiry is unknown put-extension link-expiring
 *     none of these                                                  upgrade instances: converge()
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
  unmanaged,
  packageUnusable,
  missing,
  packageDiffers,
  danglingDependency,
  settingsDiffer,
  retry,
  linkExpiring,
];

interface Planned {
  readonly actions: readonly ExtensionAction[];
  readonly findings: readonly Finding[];
  readonly requeueAt: EpochMs;
}

/** Returns the plan of one pass for one cluster. Pure: the order of the observed items does not matter. */
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
    .filter((scaleSet) => isInScope(scaleSet, desired))
    .toSorted(byText(({ id }) => id))
    .map((scaleSet) =>
      planScaleSet(createScaleSetContext(cluster, scaleSet, { desired, observed, memory, desiredPackage }), memory),
    );
  const unreadable = observed.unreadable
    .filter(({ model }) => isInScope(model, desired))
    .toSorted(byText(({ model }) => model.id))
    .map(({ model }) => planUnreadable(model, memory, now));
  const packageFindings: readonly Finding[] = desiredPackage.problem
    ? [
        {
          subject: { kind: "cluster", cluster: id },
          state: "package-unusable",
          reason: "package-unusable",
          message: desiredPackage.problem,
        },
      ]
    : [];
  const all = [...planned, ...unreadable];
  const findings = [...packageFindings, ...all.flatMap((each) => each.findings)];
  return {
    actions: all.flatMap((each) => each.actions),
    verdicts: toVerdicts(findings, memory.since, now),
    requeueAt: Math.min(resyncAt, ...all.map((each) => each.requeueAt)),
  };
}

/** Returns whether the plan includes a scale set: a Windows pool that is managed, or that still has our extension. */
function isInScope({ isWindows, pool, extensions }: ScaleSetModel, desired: ExtensionDesired): boolean {
  if (!isWindows || pool === undefined) return false;
  return isManaged(pool, desired.selection) || findOwnExtension(extensions) !== undefined;
}

/** Plans nothing for a scale set whose instances could not be listed; the others are planned alone. */
function planUnreadable({ id, pool = "" }: ScaleSetModel, memory: ExtensionMemory, now: EpochMs): Planned {
  const { until = now, reason = "read-failed", message = "" } = memory.scaleSets[id]?.unreadable ?? {};
  const subject: Subject = { kind: "scale-set", scaleSet: id, pool };
  return { actions: [], findings: [{ subject, state: "unreadable", reason, message }], requeueAt: until };
}

function planScaleSet(ctx: ScaleSetContext, memory: ExtensionMemory): Planned {
  const { scaleSet, instances } = ctx;
  const decision = withBackOff(ctx, firstMatch(ctx) ?? converge(ctx));

  const subject: Subject = { kind: "scale-set", scaleSet: scaleSet.id, pool: ctx.poolName };
  const findings: Finding[] = [{ subject, ...toFinding(decision) }];
  if (isDegraded(ctx)) {
    findings.push({ subject, state: "degraded", reason: "settling", message: describeFailedResources(ctx) });
  }
  findings.push(...instances.map((each) => ({ subject: toSubject(scaleSet, each.instance), ...toFinding(each) })));
  return {
    actions: decision.action ? [decision.action] : [],
    findings,
    requeueAt: requeueAt(ctx, decision, memory),
  };
}

function firstMatch(ctx: ScaleSetContext): Decision | undefined {
  for (const row of ROWS) {
    const decision = row(ctx);
    if (decision) return decision;
  }
  return undefined;
}

/**
 * Returns when the scale set needs the next pass: after a minute while an action or an instance is in progress; after
 * 1, 2, 4, then 5 minutes during an operation of AKS; at the decision's own time; at the latest at the next resync.
 */
function requeueAt(ctx: ScaleSetContext, decision: Decision, memory: ExtensionMemory): EpochMs {
  const { instances } = ctx;
  const times = [ctx.now + ctx.desired.resyncAfterMs];
  if (decision.requeueAt !== undefined) times.push(decision.requeueAt);
  if (ctx.memory.operation?.state === "running") times.push(ctx.now + MINUTE_MS);
  if (decision.action && !ctx.desired.isObserveOnly) times.push(ctx.now + MINUTE_MS);
  if (instances.some(isInProgress)) times.push(ctx.now + MINUTE_MS);
  for (const { requeueAt } of instances) if (requeueAt !== undefined) times.push(requeueAt);
  if (decision.reason === "aks-busy") {
    times.push(ctx.now + busyWaitMs(memory.busyPasses));
  }
  return Math.min(...times);
}

function isInProgress({ state, instance }: InstanceVerdict): boolean {
  return state === "installing" || (state === "unknown" && instance.isRunning && isMoving(instance.provisioningState));
}

function toSubject(scaleSet: ScaleSet, { id, vmId, node }: Instance): Subject {
  return { kind: "instance", scaleSet: scaleSet.id, id, vmId, node };
}

function toFinding({ state, reason, message }: Decision | InstanceVerdict): Omit<Finding, "subject"> {
  return { state, ...(reason && { reason }), ...(message !== undefined && { message }) };
}
