import type { AksClient } from "../clients/arm/aks.ts";
import type { ScaleSetClient } from "../clients/arm/scale-sets.ts";
import { CallError, describeFailure } from "../clients/errors.ts";
import type { PackageStore } from "../clients/packages/store.ts";
import { type ClusterId, splitId } from "../model/ids.ts";
import type { ExtensionObserved, UnreadableScaleSet } from "../model/observed.ts";
import type { ObservedPackages } from "../model/package.ts";
import type { OwnOperation, ScaleSet, ScaleSetModel } from "../model/scale-set.ts";
import type { EpochMs } from "../model/time.ts";
import type { ExtensionDesired } from "./desired.ts";
import { EMPTY_SCALE_SET, type ExtensionMemory } from "./memory.ts";
import { observePackages } from "./observe-packages.ts";

/** What a pass observes of Azure and the package store. */
type ArmObserved = Omit<ExtensionObserved, "nodes" | "pauses">;

/** The clients from which the flow observes. */
export interface ExtensionSources {
  readonly aks: AksClient;
  readonly arm: ScaleSetClient;
  readonly packages: PackageStore;
}

/**
 * Reads one cluster, its Windows scale sets with every instance, our operations on them, and the packages in their
 * models.
 */
export async function observeExtension(
  id: ClusterId,
  sources: ExtensionSources,
  memory: ExtensionMemory,
  { at, desired, signal }: { readonly at: EpochMs; readonly desired: ExtensionDesired; readonly signal: AbortSignal },
): Promise<ArmObserved> {
  const cluster = await sources.aks.readCluster(id, signal);
  if (!cluster) {
    const packages: ObservedPackages = { current: { problem: "the cluster does not exist" }, checks: {} };
    return { at, cluster, pools: [], scaleSets: [], unreadable: [], packages };
  }
  const [pools, models] = await Promise.all([
    sources.aks.listPools(id, signal),
    sources.arm.list(splitId(id).subscription, cluster.nodeResourceGroup, signal),
  ]);
  const windows = models.filter((model) => model.isWindows && model.pool !== undefined);
  const [found, packages] = await Promise.all([
    Promise.all(windows.map((model) => observeScaleSet(model, sources.arm, memory, { at, signal }))),
    observePackages(windows, sources.packages, { memory, desired }, signal),
  ]);
  const existing = found.filter((each) => each !== undefined);
  const scaleSets = existing.filter((each) => "instances" in each);
  return { at, cluster, pools, scaleSets, unreadable: existing.filter((each) => "model" in each), packages };
}

/**
 * Reads the instances of a scale set and our operation on it; returns undefined if it has been deleted in between. A
 * list that fails concerns this scale set only, and is not read again before its wait has ended.
 */
async function observeScaleSet(
  model: ScaleSetModel,
  arm: ScaleSetClient,
  memory: ExtensionMemory,
  { at, signal }: { readonly at: EpochMs; readonly signal: AbortSignal },
): Promise<ScaleSet | UnreadableScaleSet | undefined> {
  const { operation, unreadable } = memory.scaleSets[model.id] ?? EMPTY_SCALE_SET;
  if (unreadable && at < unreadable.until) return { model, failure: undefined };
  try {
    const [instances, ownOperation] = await Promise.all([
      arm.listInstances(model.id, signal),
      operation?.state === "running" ? readOperation(model, operation.poller, arm, signal) : undefined,
    ]);
    return { ...model, instances, ownOperation };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof CallError)) throw error;
    return error.fault === "not-found" ? undefined : { model, failure: describeFailure(error) };
  }
}

/**
 * Reads our operation. While Azure does not answer, its state is unknown: that of the scale set shows whether it has
 * ended. A missing permission and any other refusal is an error, which the report names.
 */
async function readOperation(
  { id }: ScaleSetModel,
  poller: string,
  arm: ScaleSetClient,
  signal: AbortSignal,
): Promise<OwnOperation> {
  try {
    return await arm.readOperation(id, poller, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CallError && error.fault === "transient") return { state: "unknown" };
    throw error;
  }
}
