import { hasFailed, isMoving } from "../model/cluster.ts";
import { EXTENSION_NAME } from "../model/extension.ts";
import type { ExtensionObserved } from "../model/observed.ts";
import { findPool } from "../model/pools.ts";
import type { Instance, InstanceExtension, OwnOperation, ScaleSet } from "../model/scale-set.ts";
import type { EpochMs } from "../model/time.ts";
import {
  type Attempts,
  EMPTY_SCALE_SET,
  type ExtensionMemory,
  type InstanceMemory,
  type OperationMemory,
  type ScaleSetMemory,
  UNSEEN,
} from "./memory.ts";

/**
 * Adds to memory what a pass sees, before it plans: what became of our operations, and which marker each instance
 * carries. Sets and instances that are gone are forgotten.
 */
export function recordObservation(
  memory: ExtensionMemory,
  observed: ExtensionObserved,
  owner: string,
): ExtensionMemory {
  const { current } = observed.packages;
  const scaleSets = observed.scaleSets.map((scaleSet) => {
    const known = memory.scaleSets[scaleSet.id] ?? EMPTY_SCALE_SET;
    return [scaleSet.id, recordScaleSet(known, scaleSet, { observed, owner })] as const;
  });
  return {
    ...memory,
    nodeResourceGroup: observed.cluster?.nodeResourceGroup ?? memory.nodeResourceGroup,
    package: "package" in current ? current.package : memory.package,
    scaleSets: Object.fromEntries(scaleSets),
  };
}

function recordScaleSet(
  known: ScaleSetMemory,
  scaleSet: ScaleSet,
  { observed, owner }: { readonly observed: ExtensionObserved; readonly owner: string },
): ScaleSetMemory {
  const { at: now } = observed;
  const operation = known.operation && recordOperation(known.operation, scaleSet.ownOperation, now);
  const tag = scaleSet.extensions.find((each) => each.name === EXTENSION_NAME)?.tag;
  const instances = Object.fromEntries(
    scaleSet.instances.map((instance) => {
      const before = known.instances[instance.vmId];
      return [instance.vmId, recordInstance(before, instance, { marker: tag?.marker, operation, now })];
    }),
  );
  return {
    ...known,
    listedAt: now,
    operation,
    failedSince: isFailed(scaleSet, observed) ? (known.failedSince ?? now) : undefined,
    provenMarker: settledMarker(scaleSet, instances) ?? known.provenMarker,
    otherOwner: tag && tag.owner !== owner ? { owner: tag.owner, seenAt: now } : known.otherOwner,
    instances,
  };
}

function recordOperation(known: OperationMemory, seen: OwnOperation | undefined, now: EpochMs): OperationMemory {
  if (!seen) return known;
  return { ...known, state: seen.state, endedAt: seen.state === "running" ? undefined : (known.endedAt ?? now) };
}

function isFailed(scaleSet: ScaleSet, { cluster, pools }: ExtensionObserved): boolean {
  const pool = findPool(pools, scaleSet.pool);
  return [cluster, pool, scaleSet].some((each) => each !== undefined && hasFailed(each.provisioningState));
}

/** What one instance is seen against. */
interface ModelSeen {
  /** The marker of the model at this moment. */
  readonly marker: string | undefined;
  readonly operation: OperationMemory | undefined;
  readonly now: EpochMs;
}

function recordInstance(before: InstanceMemory | undefined, instance: Instance, sighting: ModelSeen): InstanceMemory {
  const { node, isRunning, vmId } = instance;
  const ours = instance.extensions.find((each) => each.name === EXTENSION_NAME);
  const known = ours ? (before ?? { ...UNSEEN, node }) : withoutExtension(before, instance);
  const attempts = known.attempts && withResult(known.attempts, vmId, sighting.operation);
  const seen = { ...known, node, isRunning, attempts };
  return ours
    ? recordExtension(seen, ours, instance.latestModelApplied ? sighting.marker : undefined, sighting.now)
    : seen;
}

/** A machine that is well and has lost our extension was reimaged: nothing that is known of it still holds. */
function withoutExtension(before: InstanceMemory | undefined, instance: Instance): InstanceMemory {
  const isReimaged = before?.hadExtension === true && isWell(instance);
  return !before || isReimaged ? { ...UNSEEN, node: instance.node } : before;
}

/** `modelMarker`: the marker of the model that the instance is known to have. */
function recordExtension(
  known: InstanceMemory,
  ours: InstanceExtension,
  modelMarker: string | undefined,
  now: EpochMs,
): InstanceMemory {
  const applied = ours.tag?.marker ?? modelMarker;
  const seen = { ...known, hadExtension: true };
  if (ours.state === "failed") return { ...seen, failedMarker: applied ?? known.failedMarker };
  if (ours.state !== "succeeded") return seen;
  const marker = applied ?? upgradedMarker(known);
  return marker === undefined ? { ...seen, succeededAt: now } : { ...seen, marker, markerAt: now, succeededAt: now };
}

/** Our upgrade tells the marker only where nothing newer was seen since. */
function upgradedMarker({ attempts, markerAt = 0 }: InstanceMemory): string | undefined {
  return attempts?.succeeded === true && attempts.lastAt >= markerAt ? attempts.marker : undefined;
}

function withResult(attempts: Attempts, vmId: string, operation: OperationMemory | undefined): Attempts {
  return { ...attempts, succeeded: attempts.succeeded || hasSucceeded(operation, vmId, attempts.marker) };
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
