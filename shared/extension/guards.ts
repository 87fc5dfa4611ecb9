import { hasFailed, isMoving } from "../model/cluster.ts";
import { EXTENSION_NAME } from "../model/extension.ts";
import { DAY_MS, MINUTE_MS } from "../model/time.ts";
import { isDsc } from "./desired.ts";
import { renewUrgently } from "./drift.ts";
import type { ScaleSetMemory } from "./memory.ts";
import { type Decision, type Row, type ScaleSetContext, SETTLED_AFTER_MS } from "./scale-set-context.ts";

/** The longest upgrade takes about as long as AKS allows for all extensions of an instance, PT16M, and a boot. */
const LONG_OPERATION_MS = 90 * MINUTE_MS;
const OTHER_OWNER_EXPIRES_AFTER_MS = 7 * DAY_MS;

/** A deny assignment refuses every write that is not from AKS (AKS: node resource group lockdown). */
export const locked: Row = ({ cluster }) => {
  if (!cluster.nodeResourceGroupLocked) return undefined;
  const message =
    `the node resource group ${cluster.nodeResourceGroup} is locked (restrictionLevel ReadOnly), ` +
    "so Azure denies every write of this app";
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
  const message = describeStates(ctx, isMoving);
  return message === "" ? undefined : { ...renewUrgently(ctx), state: "waiting", reason: "aks-busy", message };
};

/** Names those of cluster, pool and scale set whose state is such a one. AKS deletes a pool that it no longer lists. */
function describeStates(
  { cluster, pool, poolName, scaleSet }: ScaleSetContext,
  isSuch: (state: string) => boolean,
): string {
  const states = [
    { what: `cluster ${cluster.name}`, state: cluster.provisioningState },
    { what: `pool ${poolName}`, state: pool?.provisioningState ?? "Deleting" },
    { what: `scale set ${scaleSet.name}`, state: scaleSet.provisioningState },
  ];
  const such = states.filter((each) => isSuch(each.state));
  return such.map((each) => `${each.what} is ${each.state}`).join(", ");
}

export const stopped: Row = ({ cluster, pool, poolName }) => {
  if (!cluster.isStopped && !pool?.isStopped) return undefined;
  const what = cluster.isStopped ? `cluster ${cluster.name}` : `pool ${poolName}`;
  const message = `${what} is stopped. The app continues after you start it`;
  return { state: "waiting", reason: "stopped", message, names: { stopped: cluster.isStopped ? "cluster" : "pool" } };
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

/** Returns a message that names which of cluster, pool and scale set have failed. */
export function describeFailedResources(ctx: ScaleSetContext): string {
  return `${describeStates(ctx, hasFailed)}. AKS tries again when the cluster is updated`;
}

/** A machine can have only one DSC extension (ARM: MultipleExtensionsPerHandlerNotAllowed). */
export const foreignExtension: Row = ({ scaleSet, poolName }) => {
  const foreign = scaleSet.extensions.find((each) => each.name !== EXTENSION_NAME && isDsc(each.publisher, each.type));
  if (!foreign) return undefined;
  const message =
    `the scale set already has another DSC extension, '${foreign.name}', and can have only one. ` +
    `Remove it, or leave pool ${poolName} out of POOLS`;
  return { state: "refused", reason: "foreign-extension", message, names: { extension: foreign.name } };
};

/**
 * Two copies of this app that overwrite each other's extension would upgrade every node endlessly. A resync with `adopt`
 * takes over what the model has now, and what instances and the past of the model have.
 */
export const otherOwner: Row = (ctx) => {
  const { desired, memory } = ctx;
  const isOther = (owner: string | undefined): owner is string => owner !== undefined && owner !== desired.owner;
  const inModel = ctx.currentExtension?.tag?.owner;
  if (isOther(inModel)) return inModel === memory.adopting ? undefined : belongsTo(ctx, inModel, "belongs");
  const isRefused = (owner: string | undefined): owner is string => isOther(owner) && !ctx.adopted.includes(owner);
  const extensions = ctx.scaleSet.instances.flatMap((each) => each.extensions);
  const onInstance = extensions.map(({ tag }) => tag?.owner).find(isRefused);
  if (onInstance !== undefined) return belongsTo(ctx, onInstance, "belongs on an instance");
  const recent = recentOtherOwner(ctx);
  return isRefused(recent) ? belongsTo(ctx, recent, "belonged in the last 7 days") : undefined;
};

function belongsTo({ desired }: ScaleSetContext, owner: string, belongs: string): Decision {
  const message =
    `the extension ${belongs} to owner ${owner}; this app is owner ${desired.owner}. Take it over if the other copy ` +
    "of the app no longer runs. Else leave the pool to it";
  return { state: "refused", reason: "other-owner", message, names: { owner } };
}

/** Returns the owner, other than this app, that the model last had, if that is less than 7 days ago. */
function recentOtherOwner({ memory: { otherOwner }, now }: ScaleSetContext): string | undefined {
  return otherOwner && now - otherOwner.seenAt < OTHER_OWNER_EXPIRES_AFTER_MS ? otherOwner.owner : undefined;
}
