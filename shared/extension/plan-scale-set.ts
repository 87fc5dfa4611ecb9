import type { ExtensionAction } from "../model/action.ts";
import { isMoving } from "../model/cluster.ts";
import { compact } from "../model/json.ts";
import { type EpochMs, MINUTE_MS } from "../model/time.ts";
import type { Finding, Subject } from "../model/verdict.ts";
import { busyWaitMs } from "../model/waits.ts";
import { withBackOff } from "./back-off.ts";
import { converge } from "./converge.ts";
import {
  adopted,
  danglingDependency,
  findVainWrite,
  linkExpiring,
  missing,
  packageDiffers,
  withoutPackage,
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
import { instanceFinding } from "./instance-finding.ts";
import type { ExtensionMemory } from "./memory.ts";
import type { Decision, Row, ScaleSetContext } from "./scale-set-context.ts";
import { uninstall } from "./uninstall.ts";

/**
 * The first row that matches a scale set decides:
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
 *     pool in UNINSTALL_POOLS                                        uninstall()
 *     pool not managed                                               unmanaged; renew the link
 *     no desired package                                             refused package-unusable, held package-held or
 *                                                                    waiting awaiting-canary; renew the link
 *     a write of the rows below that was made 3 times within 6       refused write-without-effect; if the model has
 *     hours without effect, and is not due again                     the desired marker, a verdict beside the others
 *     our extension missing                                          put-extension missing, or added if it never
 *                                                                    was there
 *     marker differs                                                 put-extension package-differs
 *     a resync took it over from another owner                       put-extension adopted
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
  uninstall,
  unmanaged,
  withoutPackage,
  missing,
  packageDiffers,
  adopted,
  danglingDependency,
  settingsDiffer,
  retry,
  linkExpiring,
];

/** The part of a plan that is about one scale set. */
export interface PlannedScaleSet {
  readonly actions: readonly ExtensionAction[];
  readonly findings: readonly Finding[];
  readonly requeueAt: EpochMs;
}

/** Returns the plan of one scale set. */
export function planScaleSet(ctx: ScaleSetContext, memory: ExtensionMemory): PlannedScaleSet {
  const { scaleSet, instances } = ctx;
  const decision = withBackOff(ctx, firstMatch(ctx) ?? converge(ctx));

  const subject: Subject = { kind: "scale-set", scaleSet: scaleSet.id, pool: ctx.poolName };
  const findings: Finding[] = [compact({ subject, ...toFinding(decision), linkExpiresAt: linkExpiryIn(ctx) })];
  const vain = decision.reason === "write-without-effect" ? undefined : findVainWrite(ctx);
  if (vain) findings.push({ subject, ...toFinding(vain) });
  if (isDegraded(ctx)) {
    findings.push({ subject, state: "degraded", reason: "settling", message: describeFailedResources(ctx) });
  }
  findings.push(...instances.map((each) => instanceFinding(each, ctx, decision)));
  return {
    actions: decision.action ? [decision.action] : [],
    findings,
    requeueAt: Math.min(requeueAt(ctx, decision, memory), vain?.requeueAt ?? Number.POSITIVE_INFINITY),
  };
}

/** Returns when the link in the model expires; undefined if it has none, or an unknown one. */
function linkExpiryIn({ currentExtension }: ScaleSetContext): EpochMs | undefined {
  const expiresAt = currentExtension?.tag?.linkExpiresAt;
  return typeof expiresAt === "number" ? expiresAt : undefined;
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

/** Returns a decision without what only the plan needs. */
function toFinding({ state, reason, message, names, since, nextTryAt }: Decision): Omit<Finding, "subject"> {
  return compact({ state, reason, message, names, since, nextTryAt });
}
