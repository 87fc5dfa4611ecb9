import { CallError } from "../clients/errors.ts";
import type { PackageStore } from "../clients/packages/store.ts";
import type { ObservedPackages, PackageCheck, PackageHash } from "../model/package.ts";
import { isUninstalling } from "../model/pools.ts";
import type { ScaleSetModel } from "../model/scale-set.ts";
import { type ExtensionDesired, markerOf, packageInModel } from "./desired.ts";
import type { ExtensionMemory } from "./memory.ts";
import { packageProblem, standingOf } from "./package.ts";

/**
 * Reads the manifest and checks the packages that a plan may need: the one in it or in memory, those in the models, and
 * if the first cannot be deployed, is not proven, or a pool is uninstalled, the newest proven one that can be. A package that cannot be read is a problem in the
 * result and does not fail the pass, because existing extensions still need to be maintained.
 */
export async function observePackages(
  models: readonly ScaleSetModel[],
  store: PackageStore,
  { memory, desired }: { readonly memory: ExtensionMemory; readonly desired: ExtensionDesired },
  signal: AbortSignal,
): Promise<ObservedPackages> {
  const current = await catchCallError(
    () => store.readCurrent(signal),
    (problem) => ({ problem }),
  );
  const inModels = models.flatMap((model) => packageInModel(model)?.hash ?? []);
  const candidate = "package" in current ? current.package : memory.package;
  const removing = Object.values(memory.scaleSets).flatMap(({ uninstall }) => uninstall?.package?.hash ?? []);
  const hashes = [...new Set([...(candidate ? [candidate.hash] : []), ...inModels, ...removing])];
  const checked = await Promise.all(hashes.map((hash) => check(hash, store, signal)));
  const checks: Record<string, PackageCheck> = Object.fromEntries(checked);
  const isProven = candidate !== undefined && standingOf(markerOf(candidate), memory) === "proven";
  const isEnough = isProven && !models.some(({ pool }) => isUninstalling(pool, desired.selection));
  if (isEnough && packageProblem(candidate.hash, desired, checks) === undefined) return { current, checks };
  for (const { hash } of memory.proven.toReversed()) {
    Object.assign(checks, Object.fromEntries([await check(hash, store, signal)]));
    if (packageProblem(hash, desired, checks) === undefined) break;
  }
  return { current, checks };
}

async function check(
  hash: PackageHash,
  store: PackageStore,
  signal: AbortSignal,
): Promise<readonly [string, PackageCheck]> {
  const result = await catchCallError<PackageCheck>(
    () => store.check(hash, signal),
    (problem) => ({ usable: false, isRejected: false, problem }),
  );
  return [hash, result];
}

async function catchCallError<T>(read: () => Promise<T>, toResult: (problem: string) => T): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CallError) return toResult(error.message);
    throw error;
  }
}
