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

/** What is read from. */
export interface ExtensionSources {
  readonly aks: AksClient;
  readonly arm: ScaleSetClient;
  readonly packages: PackageStore;
}

/** Reads one cluster, its Windows scale sets with every instance, our operations on them, and the packages they name. */
export async function observeExtension(
  id: ClusterId,
  sources: ExtensionSources,
  memory: ExtensionMemory,
  { at, signal }: { readonly at: EpochMs; readonly signal: AbortSignal },
): Promise<ExtensionObserved> {
  const cluster = await sources.aks.readCluster(id, signal);
  if (!cluster) {
    const packages: ObservedPackages = { current: { problem: "the cluster is gone" }, checks: {} };
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

/** Undefined where the set went while it was looked at. */
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

/** A package that can't be read is a finding, not the end of the pass: what the models carry still needs its care. */
async function observePackages(
  models: readonly ScaleSetModel[],
  store: PackageStore,
  memory: ExtensionMemory,
  signal: AbortSignal,
): Promise<ObservedPackages> {
  const current = await orProblem(
    () => store.readCurrent(signal),
    (problem) => ({ problem }),
  );
  const named = models
    .flatMap(({ extensions }) => extensions.filter((each) => each.name === EXTENSION_NAME))
    .map((entry) => packageOf(entry)?.hash);
  const hashes = new Set<PackageHash>(rememberedPackages(memory));
  if ("package" in current) hashes.add(current.package.hash);
  for (const hash of named) if (hash) hashes.add(hash);
  const checks = await Promise.all(
    [...hashes].map(async (hash): Promise<readonly [string, PackageCheck]> => {
      return [
        hash,
        await orProblem(
          () => store.check(hash, signal),
          (problem) => ({ usable: false, problem }),
        ),
      ];
    }),
  );
  return { current, checks: Object.fromEntries(checks) };
}

async function orProblem<T>(read: () => Promise<T>, asFinding: (problem: string) => T): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CallError) return asFinding(error.message);
    throw error;
  }
}
