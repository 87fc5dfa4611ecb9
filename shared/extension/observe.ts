import type { AksClient } from "../clients/arm/aks.ts";
import type { ScaleSetClient } from "../clients/arm/scale-sets.ts";
import { CallError, describeFailure } from "../clients/errors.ts";
import type { PackageStore } from "../clients/packages/store.ts";
import { EXTENSION_NAME } from "../model/extension.ts";
import { type ClusterId, splitId } from "../model/ids.ts";
import type { ExtensionObserved, UnreadableScaleSet } from "../model/observed.ts";
import type { ObservedPackages, PackageCheck, PackageHash } from "../model/package.ts";
import type { OwnOperation, ScaleSet, ScaleSetModel } from "../model/scale-set.ts";
import type { EpochMs } from "../model/time.ts";
import { packageOf } from "./desired.ts";
import { EMPTY_SCALE_SET, type ExtensionMemory, rememberedPackages } from "./memory.ts";

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
  { at, signal }: { readonly at: EpochMs; readonly signal: AbortSignal },
): Promise<ExtensionObserved> {
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
    observePackages(windows, sources.packages, memory, signal),
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

/**
 * Reads the manifest and checks every package in it, in memory and in the models. A package that cannot be read is a
 * problem in the result and does not fail the pass, because existing extensions still need to be maintained.
 */
async function observePackages(
  models: readonly ScaleSetModel[],
  store: PackageStore,
  memory: ExtensionMemory,
  signal: AbortSignal,
): Promise<ObservedPackages> {
  const current = await catchCallError(
    () => store.readCurrent(signal),
    (problem) => ({ problem }),
  );
  const modelHashes = models
    .flatMap(({ extensions }) => extensions.filter((each) => each.name === EXTENSION_NAME))
    .map((entry) => packageOf(entry)?.hash);
  const hashes = new Set<PackageHash>(rememberedPackages(memory));
  if ("package" in current) hashes.add(current.package.hash);
  for (const hash of modelHashes) if (hash) hashes.add(hash);
  const checks = await Promise.all(
    [...hashes].map(async (hash): Promise<readonly [string, PackageCheck]> => {
      return [
        hash,
        await catchCallError(
          () => store.check(hash, signal),
          (problem) => ({ usable: false, problem }),
        ),
      ];
    }),
  );
  return { current, checks: Object.fromEntries(checks) };
}

async function catchCallError<T>(read: () => Promise<T>, toResult: (problem: string) => T): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CallError) return toResult(error.message);
    throw error;
  }
}
