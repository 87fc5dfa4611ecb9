import { isMoving } from "../model/cluster.ts";
import { findOwnExtension } from "../model/extension.ts";
import type { Instance, InstanceExtension } from "../model/scale-set.ts";
import type { EpochMs } from "../model/time.ts";
import { type Attempts, EMPTY_INSTANCE, type InstanceMemory, type OperationMemory } from "./memory.ts";

/** The state of the scale set to which an observed instance belongs. */
export interface ModelContext {
  /** The marker of the model as observed. */
  readonly marker: string | undefined;
  readonly operation: OperationMemory | undefined;
  readonly now: EpochMs;
}

/** Returns the memory of one instance after a pass has observed it. */
export function recordInstance(
  before: InstanceMemory | undefined,
  instance: Instance,
  { marker, operation, now }: ModelContext,
): InstanceMemory {
  const { node, isRunning, vmId } = instance;
  const currentExtension = findOwnExtension(instance.extensions);
  const known = currentExtension ? (before ?? { ...EMPTY_INSTANCE, node }) : recordMissingExtension(before, instance);
  const attempts = known.attempts && recordResult(known.attempts, vmId, operation);
  const isInstalling = currentExtension?.state === "transitioning" || isUpgrading(operation, vmId);
  const installingSince = isInstalling ? (known.installingSince ?? now) : undefined;
  const recorded = { ...known, node, isRunning, installingSince, attempts };
  const modelMarker = instance.latestModelApplied ? marker : undefined;
  return currentExtension ? recordExtension(recorded, currentExtension, modelMarker, now) : recorded;
}

function isUpgrading(operation: OperationMemory | undefined, vmId: string): boolean {
  return operation?.state === "running" && operation.instances.includes(vmId);
}

/** Clears the memory of a reimaged instance: one whose view is reliable and no longer contains our extension. */
function recordMissingExtension(before: InstanceMemory | undefined, instance: Instance): InstanceMemory {
  const isReimaged = before?.hadExtension === true && isViewReliable(instance);
  return !before || isReimaged ? { ...EMPTY_INSTANCE, node: instance.node } : before;
}

/** Records our extension on an instance. `modelMarker` is the model's marker if the instance has the latest model. */
function recordExtension(
  known: InstanceMemory,
  currentExtension: InstanceExtension,
  modelMarker: string | undefined,
  now: EpochMs,
): InstanceMemory {
  const { tag, state } = currentExtension;
  const applied = tag?.marker ?? modelMarker;
  const recorded = { ...known, hadExtension: true };
  if (state === "failed") return { ...recorded, failedMarker: applied ?? known.failedMarker };
  if (state !== "succeeded") return recorded;
  const marker = applied ?? upgradedMarker(known);
  const succeeded = { ...recorded, succeededAt: now };
  return marker === undefined ? succeeded : { ...succeeded, marker, markerAt: now };
}

/** Returns the marker of our last successful upgrade, unless another marker was observed after it. */
function upgradedMarker({ attempts, markerAt = 0 }: InstanceMemory): string | undefined {
  return attempts?.succeeded === true && attempts.lastAt >= markerAt ? attempts.marker : undefined;
}

function recordResult(attempts: Attempts, vmId: string, operation: OperationMemory | undefined): Attempts {
  return { ...attempts, succeeded: attempts.succeeded || hasSucceeded(operation, vmId, attempts.marker) };
}

/**
 * Returns whether the instance view is complete. A VM that is deallocated or has no agent shows none of its extensions.
 */
export function isViewReliable({ isRunning, agentReady, provisioningState }: Instance): boolean {
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
