import type { AksClient } from "../clients/arm/aks.ts";
import type { ScaleSetClient } from "../clients/arm/scale-sets.ts";
import { CallError } from "../clients/errors.ts";
import type { PackageStore } from "../clients/packages/store.ts";
import { EXTENSION_NAME } from "../model/extension.ts";
import { type ClusterId, splitId } from "../model/ids.ts";
import type { ExtensionObserved } from "../model/observed.ts";
import type { ObservedPackages, PackageCheck, PackageHash } from "../model/package.ts";
import type { ScaleSet, ScaleSetModel } from "../model/scale-set.ts";
import type { EpochMs } from "../model/time.ts";
import { packageOf } from "./desired.ts";
import { type ExtensionMemory, rememberedPackages } from "./memory.ts";

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
    return { at, cluster, pools: [], scaleSets: [], packages };
  }
  const [pools, models] = await Promise.all([
    sources.aks.listPools(id, signal),
    sources.arm.list(splitId(id).subscription, cluster.nodeResourceGroup, signal),
  ]);
  const windows = models.filter((model) => model.isWindows && model.pool !== undefined);
  const [scaleSets, packages] = await Promise.all([
    Promise.all(windows.map((model) => observeScaleSet(model, sources.arm, memory, signal))),
    observePackages(windows, sources.packages, memory, signal),
  ]);
  return { at, cluster, pools, scaleSets: scaleSets.filter((each) => each !== undefined), packages };
}

/** Reads the instances of a scale set and our operation on it; returns undefined if it has been deleted in between. */
async function observeScaleSet(
  model: ScaleSetModel,
  arm: ScaleSetClient,
  memory: ExtensionMemory,
  signal: AbortSignal,
): Promise<ScaleSet | undefined> {
  const operation = memory.scaleSets[model.id]?.operation;
  try {
    const [instances, ownOperation] = await Promise.all([
      arm.listInstances(model.id, signal),
      operation?.state === "running" ? arm.readOperation(model.id, operation.poller, signal) : undefined,
    ]);
    return { ...model, instances, ownOperation };
  } catch (error) {
    if (error instanceof CallError && error.fault === "not-found") return undefined;
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
