import { hasFailed, isMoving } from "../model/cluster.ts";
import { EXTENSION_NAME } from "../model/extension.ts";
import type { ExtensionObserved } from "../model/observed.ts";
import type { EpochMs } from "../model/plan.ts";
import type { Instance, ScaleSet } from "../model/scale-set.ts";
import {
  EMPTY_SCALE_SET,
  type ExtensionMemory,
  type InstanceMemory,
  type OperationMemory,
  type ScaleSetMemory,
} from "./memory.ts";

/**
 * Adds to memory what a pass sees, before it plans: what became of our operations, and which marker each instance
 * carries. Sets and instances that are gone are forgotten.
 */
export function notice(memory: ExtensionMemory, observed: ExtensionObserved, owner: string): ExtensionMemory {
  const { current } = observed.packages;
  const scaleSets = observed.scaleSets.map((scaleSet) => {
    const known = memory.scaleSets[scaleSet.id] ?? EMPTY_SCALE_SET;
    return [scaleSet.id, noticeScaleSet(known, scaleSet, { observed, owner })] as const;
  });
  return {
    ...memory,
    nodeResourceGroup: observed.cluster?.nodeResourceGroup ?? memory.nodeResourceGroup,
    package: "package" in current ? current.package : memory.package,
    scaleSets: Object.fromEntries(scaleSets),
  };
}

function noticeScaleSet(
  known: ScaleSetMemory,
  scaleSet: ScaleSet,
  { observed, owner }: { readonly observed: ExtensionObserved; readonly owner: string },
): ScaleSetMemory {
  const { at: now } = observed;
  const operation =
    known.operation && scaleSet.ownOperation
      ? { ...known.operation, state: scaleSet.ownOperation.state }
      : known.operation;
  const tag = scaleSet.extensions.find((each) => each.name === EXTENSION_NAME)?.tag;
  const instances = Object.fromEntries(
    scaleSet.instances.map((instance) => {
      const before = known.instances[instance.vmId];
      return [instance.vmId, noticeInstance(before, instance, { marker: tag?.marker, operation, now })];
    }),
  );
  return {
    ...known,
    listedAt: now,
    operation,
    failedSince: isFailed(scaleSet, observed) ? (known.failedSince ?? now) : undefined,
    provenMarker: settledMarker(scaleSet, instances) ?? known.provenMarker,
    otherOwnerSeenAt: tag && tag.owner !== owner ? now : known.otherOwnerSeenAt,
    instances,
  };
}

function isFailed(scaleSet: ScaleSet, { cluster, pools }: ExtensionObserved): boolean {
  const pool = pools.find((each) => each.name === scaleSet.pool);
  return [cluster, pool, scaleSet].some((each) => each !== undefined && hasFailed(each.provisioningState));
}

function noticeInstance(
  before: InstanceMemory | undefined,
  instance: Instance,
  { marker, operation, now }: { marker: string | undefined; operation: OperationMemory | undefined; now: EpochMs },
): InstanceMemory {
  const ours = instance.extensions.find((each) => each.name === EXTENSION_NAME);
  // A machine that is well and has lost our extension was reimaged: nothing that is known of it still holds.
  const isReimaged = before?.hadExtension && !ours && isWell(instance);
  const known = isReimaged ? undefined : before;

  const attempts = known?.attempts && {
    ...known.attempts,
    succeeded: known.attempts.succeeded || hasSucceeded(operation, instance.vmId, known.attempts.marker),
  };
  const applied = instance.latestModelApplied ? marker : undefined;
  const upgraded = attempts?.succeeded ? attempts.marker : undefined;
  const isSucceeded = ours?.state === "succeeded";
  return {
    node: instance.node,
    marker: isSucceeded ? (ours.tag?.marker ?? applied ?? upgraded ?? known?.marker) : known?.marker,
    failedMarker: ours?.state === "failed" ? (ours.tag?.marker ?? applied ?? known?.failedMarker) : known?.failedMarker,
    hadExtension: ours !== undefined || (known?.hadExtension ?? false),
    succeededAt: isSucceeded ? now : known?.succeededAt,
    isRunning: instance.isRunning,
    attempts,
  };
}

/** Its view can be believed: a deallocated or silent machine shows no extensions, though it has them. */
function isWell({ isRunning, agentReady, provisioningState }: Instance): boolean {
  return isRunning && agentReady && !isMoving(provisioningState);
}

function hasSucceeded(operation: OperationMemory | undefined, vmId: string, marker: string): boolean {
  return (
    operation?.kind === "upgrade-instances" &&
    operation.state === "succeeded" &&
    operation.marker === marker &&
    operation.instances.includes(vmId)
  );
}

/** The marker that every instance which can be judged carries, at least one; undefined while they differ. */
function settledMarker(scaleSet: ScaleSet, memories: Readonly<Record<string, InstanceMemory>>): string | undefined {
  const markers = scaleSet.instances.filter(isWell).map((instance) => {
    const ours = instance.extensions.find((each) => each.name === EXTENSION_NAME);
    return ours?.state === "succeeded" ? memories[instance.vmId]?.marker : undefined;
  });
  const [first] = markers;
  return markers.every((marker) => marker === first) ? first : undefined;
}
