import { type Cluster, hasFailed, isMoving } from "../model/cluster.ts";
import { EXTENSION_NAME } from "../model/extension.ts";
import { splitId } from "../model/ids.ts";
import { DAY_MS, MINUTE_MS } from "../model/time.ts";
import { isDsc } from "./desired.ts";
import { renewUrgently } from "./drift.ts";
import type { ScaleSetMemory } from "./memory.ts";
import { type Row, type ScaleSetContext, SETTLED_AFTER_MS } from "./scale-set-context.ts";

/** The longest upgrade takes about as long as AKS allows for all extensions of an instance, PT16M, and a boot. */
const LONG_OPERATION_MS = 90 * MINUTE_MS;
const OTHER_OWNER_EXPIRES_AFTER_MS = 7 * DAY_MS;

/** A deny assignment refuses every write that is not from AKS (AKS: node resource group lockdown). */
export const locked: Row = ({ cluster }) => {
  if (!cluster.nodeResourceGroupLocked) return undefined;
  const message =
    `the node resource group ${cluster.nodeResourceGroup} is locked (restrictionLevel ReadOnly), ` +
    "so Azure denies every write of this app. Unlock it if your policy allows that; AKS Automatic does not: " +
    `${azAksUpdate(cluster)} --nrg-lockdown-restriction-level Unrestricted`;
  return { state: "refused", reason: "node-resource-group-locked", message };
};

/**
 * With another upgrade policy, a write of the model would upgrade every instance at once. Flexible scale sets have no
 * such model.
 */
export const upgradePolicy: Row = ({ scaleSet }) => {
  const isManual = /^manual$/i.test(scaleSet.upgradeMode);
  if (isManual && /^uniform$/i.test(scaleSet.orchestrationMode)) return undefined;
  const message =
    `the upgrade policy is ${scaleSet.upgradeMode} and the orchestration mode is ${scaleSet.orchestrationMode}; ` +
    "expected Manual and Uniform. Set the upgrade policy to Manual; the app does not support Flexible orchestration";
  return { state: "refused", reason: "upgrade-policy", message };
};

/** Never start a second operation on a scale set while one of ours is running. */
export const ownOperation: Row = ({ cluster, pool, memory, now }) => {
  const { operation } = memory;
  if (
    operation?.state !== "running" ||
    isMoving(cluster.provisioningState) ||
    isMoving(pool?.provisioningState ?? "")
  ) {
    return undefined;
  }
  const isLong = now - operation.submittedAt > LONG_OPERATION_MS;
  const message =
    `this app submitted ${operation.kind}${isLong ? " more than 90 minutes ago" : ""}, and it has not ended. ` +
    (isLong ? "Check the scale set's activity log" : "The app waits for it");
  return { state: "waiting", reason: "own-operation", message, requeueAt: now + MINUTE_MS };
};

/** A write during an operation of AKS can preempt that operation. */
export const aksBusy: Row = (ctx) => {
  const { cluster, pool, poolName, scaleSet } = ctx;
  const moving = [
    { what: `cluster ${cluster.name}`, state: cluster.provisioningState },
    { what: `pool ${poolName}`, state: pool?.provisioningState ?? "Deleting" },
    { what: `scale set ${scaleSet.name}`, state: scaleSet.provisioningState },
  ].filter((each) => isMoving(each.state));
  if (moving.length === 0) return undefined;
  return {
    ...renewUrgently(ctx),
    state: "waiting",
    reason: "aks-busy",
    message: moving.map((each) => `${each.what} is ${each.state}`).join(", "),
  };
};

export const stopped: Row = ({ cluster, pool, poolName }) => {
  if (!cluster.isStopped && !pool?.isStopped) return undefined;
  const what = cluster.isStopped ? `cluster ${cluster.name}` : `pool ${poolName}`;
  return { state: "waiting", reason: "stopped", message: `${what} is stopped. The app continues after you start it` };
};

/**
 * Waits because AKS may retry its failed operation. After a failed write of this app it continues at once, because only
 * the app can repair that.
 */
export const settling: Row = (ctx) => {
  if (!ctx.isFailed || isDegraded(ctx)) return undefined;
  const since = ctx.memory.failedSince ?? ctx.now;
  const requeueAt = Math.min(since + SETTLED_AFTER_MS, ctx.now + 5 * MINUTE_MS);
  return { state: "waiting", reason: "settling", message: describeFailedResources(ctx), requeueAt };
};

/**
 * Returns whether cluster, pool or scale set has failed for 15 minutes, or because of this app, so that the app no
 * longer waits.
 */
export function isDegraded({ isFailed, memory, now }: ScaleSetContext): boolean {
  if (!isFailed) return false;
  return isCausedByOwnOperation(memory) || now - (memory.failedSince ?? now) >= SETTLED_AFTER_MS;
}

/** Returns whether the failure was first observed between the start and the failed end of our last operation. */
function isCausedByOwnOperation({ operation, failedSince = 0 }: ScaleSetMemory): boolean {
  if (operation?.state !== "failed" || operation.endedAt === undefined) return false;
  return failedSince >= operation.submittedAt && failedSince <= operation.endedAt;
}

/**
 * Returns a message that names which of cluster, pool and scale set have failed, and the command that makes AKS retry.
 */
export function describeFailedResources({ cluster, pool, poolName, scaleSet }: ScaleSetContext): string {
  const failed = [
    { what: `cluster ${cluster.name}`, state: cluster.provisioningState },
    { what: `pool ${poolName}`, state: pool?.provisioningState ?? "" },
    { what: `scale set ${scaleSet.name}`, state: scaleSet.provisioningState },
  ].filter((each) => hasFailed(each.state));
  const states = failed.map((each) => `${each.what} is ${each.state}`).join(", ");
  return `${states}. Run az aks update without options to make AKS retry: ${azAksUpdate(cluster)}`;
}

function azAksUpdate({ id, name }: Cluster): string {
  const { subscription, resourceGroup } = splitId(id);
  return `az aks update --subscription ${subscription} --resource-group ${resourceGroup} --name ${name}`;
}

/** A machine can have only one DSC extension (ARM: MultipleExtensionsPerHandlerNotAllowed). */
export const foreignExtension: Row = ({ scaleSet, poolName }) => {
  const foreign = scaleSet.extensions.find((each) => each.name !== EXTENSION_NAME && isDsc(each.publisher, each.type));
  if (!foreign) return undefined;
  const message =
    `the scale set already has another DSC extension, '${foreign.name}', and can have only one. ` +
    `Remove it, or leave pool ${poolName} out of POOLS`;
  return { state: "refused", reason: "foreign-extension", message };
};

/** Two copies of this app that overwrite each other's extension would upgrade every node endlessly. */
export const otherOwner: Row = (ctx) => {
  const { desired } = ctx;
  const present = [ctx.currentExtension, ...ctx.scaleSet.instances.flatMap(({ extensions }) => extensions)]
    .map((each) => each?.tag?.owner)
    .find((owner) => owner !== undefined && owner !== desired.owner);
  const owner = present ?? recentOtherOwner(ctx);
  if (owner === undefined) return undefined;
  const belongs = present === undefined ? "belonged in the last 7 days" : "belongs";
  const message =
    `the extension ${belongs} to owner ${owner}; this app is owner ${desired.owner}. ` +
    "Uninstall the other app, or set OWNER of this app to the other app's name to take over";
  return { state: "refused", reason: "other-owner", message };
};

/** Returns the other owner that the model had within the last 7 days, if any. */
function recentOtherOwner({ desired, memory: { otherOwner }, now }: ScaleSetContext): string | undefined {
  if (!otherOwner || otherOwner.owner === desired.owner) return undefined;
  return now - otherOwner.seenAt < OTHER_OWNER_EXPIRES_AFTER_MS ? otherOwner.owner : undefined;
}
