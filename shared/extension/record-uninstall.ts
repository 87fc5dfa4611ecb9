import type { ExtensionObserved } from "../model/observed.ts";
import { isRemoval, type Package, toRemoval } from "../model/package.ts";
import { isUninstalling } from "../model/pools.ts";
import type { ScaleSet } from "../model/scale-set.ts";
import { type ExtensionDesired, markerOf, packageInModel } from "./desired.ts";
import type { UninstallMemory } from "./marker-memory.ts";
import type { ExtensionMemory, ScaleSetMemory } from "./memory.ts";
import { isUnreadable, packageProblem } from "./package.ts";

interface Sources {
  readonly desired: ExtensionDesired;
  readonly observed: ExtensionObserved;
  /** The proven packages, oldest first, and the named one. */
  readonly proven: readonly Package[];
  readonly named: Package | undefined;
}

/**
 * Records with which package a pool is uninstalled, and since when; undefined if it is not. The first of these that can
 * be deployed does it, held or not: the one that did before, that of the model, the proven ones from the newest, and the
 * named one. One that cannot be read is kept as long as the model has it: another one would run on every node again.
 */
export function recordUninstall(
  { uninstall: before }: ScaleSetMemory,
  scaleSet: ScaleSet,
  { desired, observed, proven, named }: Sources,
): UninstallMemory | undefined {
  if (!isUninstalling(scaleSet.pool, desired.selection)) return undefined;
  const { checks } = observed.packages;
  const inModel = packageInModel(scaleSet);
  const isRemoving = (each: Package): boolean =>
    inModel !== undefined && isRemoval(inModel) && markerOf(inModel) === markerOf(toRemoval(each));
  const found = [before?.package, inModel, ...proven.toReversed(), named].find((each) => {
    if (!each) return false;
    const isUsable = packageProblem(each.hash, desired, checks) === undefined;
    return isUsable || (isRemoving(each) && isUnreadable(each, desired, checks));
  });
  return { since: before?.since ?? observed.at, package: found };
}

/** Returns the markers with which the packages that the app knows are removed from nodes. */
export function removalMarkers(
  { scaleSets }: ExtensionObserved,
  packages: readonly (Package | undefined)[],
  memory: ExtensionMemory,
): ReadonlySet<string> {
  const inModels = scaleSets.map((each) => packageInModel(each));
  const inMemory = Object.values(memory.scaleSets).map(({ uninstall }) => uninstall?.package);
  const known = [...packages, ...inModels, ...inMemory].filter((each) => each !== undefined);
  return new Set(known.map((each) => markerOf(toRemoval(each))));
}
