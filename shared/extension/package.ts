import type { ScaleSetId } from "../model/ids.ts";
import type { ExtensionObserved } from "../model/observed.ts";
import { isRemoval, type ObservedPackages, type Package, toRemoval } from "../model/package.ts";
import type { Reason } from "../model/reason.ts";
import { type ExtensionDesired, markerOf, packageInModel } from "./desired.ts";
import type { ExtensionMemory, ScaleSetMemory } from "./memory.ts";

/** What a cluster knows of the package that is named: proven by a trial, new, or held after a failed one. */
export type Standing = "proven" | "new" | "held";

/** The packages that the pools of a cluster should have. */
export interface DesiredPackage {
  /** The package that `current.json` or memory names; undefined if there is none, or it must not be deployed. */
  readonly named: Package | undefined;
  readonly standing: Standing;
  /** The scale sets of the canary pools. */
  readonly canaries: ReadonlySet<ScaleSetId>;
  /** The marker of a package that cannot be read: models that carry it keep it. */
  readonly keptMarker: string | undefined;
  /** The newest proven package that can be deployed, for the pools that do not get the named one. */
  readonly fallback: Package | undefined;
  /** Why there is no named package, or why it is another one than that in `current.json`. */
  readonly problem: string | undefined;
}

/**
 * Returns the desired package. A package is deployable if it is allowed, can be read, and its content matches its hash.
 *
 *     current.json      its package, or that in memory  named        problem
 *     ------------      ------------------------------  -----        -------
 *     valid             deployable                      the package  none
 *     missing, invalid  deployable                      the package  of the manifest
 *     any               not deployable                  none         of the package
 *     missing, invalid  none in memory                  none         of the manifest
 */
export function choosePackage(
  desired: ExtensionDesired,
  observed: ExtensionObserved,
  memory: ExtensionMemory,
): DesiredPackage {
  const { current, checks } = observed.packages;
  const { candidate, problem: manifestProblem } =
    "package" in current
      ? { candidate: current.package, problem: undefined }
      : { candidate: memory.package, problem: current.problem };
  const others = { canaries: new Set(memory.trial?.scaleSets), fallback: lastProven(desired, checks, memory) };
  const none = { ...others, named: undefined, standing: "new", keptMarker: undefined } as const;
  if (!candidate) return { ...none, problem: manifestProblem };
  const problem = packageProblem(candidate.hash, desired, checks);
  const marker = markerOf(candidate);
  if (problem !== undefined) {
    return { ...none, keptMarker: isUnreadable(candidate, desired, checks) ? marker : undefined, problem };
  }
  return { ...none, named: candidate, standing: standingOf(marker, memory), problem: manifestProblem };
}

function lastProven(
  desired: ExtensionDesired,
  checks: ObservedPackages["checks"],
  { proven, held }: ExtensionMemory,
): Package | undefined {
  return proven.findLast(
    (each) => markerOf(each) !== held?.marker && packageProblem(each.hash, desired, checks) === undefined,
  );
}

/** Returns what the cluster knows of a marker. */
export function standingOf(marker: string, { proven, held }: ExtensionMemory): Standing {
  if (held?.marker === marker) return "held";
  return proven.some((each) => markerOf(each) === marker) ? "proven" : "new";
}

/** The package that a pool should have, or why it should have none: its model then keeps what it carries. */
export type PackageChoice =
  | { readonly package: Package; readonly isNew: boolean }
  | {
      readonly package: undefined;
      readonly reason: Extract<Reason, "awaiting-canary" | "package-held" | "package-unusable">;
    };

/**
 * Returns the package that a pool should have.
 *
 *     named package   pool                                             package
 *     -------------   ----                                             -------
 *     proven          any                                              the named one
 *     new             of a canary, or its model carries the package    the named one
 *     unreadable      its model carries the package                    none: package-unusable
 *     any other       any                                              the newest proven one that is deployable, else none:
 *                                                                      awaiting-canary, package-held or package-unusable
 */
export function packageFor(
  { named, standing, canaries, keptMarker, fallback }: DesiredPackage,
  { id, marker }: { readonly id: ScaleSetId; readonly marker: string | undefined },
): PackageChoice {
  if (named) {
    const isTried = standing === "new" && (canaries.has(id) || marker === markerOf(named));
    if (standing === "proven" || isTried) return { package: named, isNew: isTried };
  }
  const isKept = marker !== undefined && marker === keptMarker;
  if (fallback && !isKept) return { package: fallback, isNew: false };
  return { package: undefined, reason: named ? REASONS[standing] : "package-unusable" };
}

/** Returns the package that removes the exporter from a pool. */
export function packageForRemoval({ uninstall }: ScaleSetMemory): PackageChoice {
  const { package: found } = uninstall ?? {};
  return found ? { package: toRemoval(found), isNew: false } : { package: undefined, reason: "package-unusable" };
}

/** Why a pool has no package, although one is named that can be deployed. */
const REASONS = { proven: "package-unusable", new: "awaiting-canary", held: "package-held" } as const;

/** Returns the hashes of the packages that the app knows, by marker: of models, of memory, and the named one. */
export function packagesByMarker(
  { named }: DesiredPackage,
  { scaleSets }: ExtensionObserved,
  { proven, package: known }: ExtensionMemory,
): ReadonlyMap<string, string> {
  const inModels = scaleSets.map((each) => packageInModel(each));
  const all = [...proven, known, named, ...inModels].filter((each) => each !== undefined);
  return new Map(all.flatMap((each) => (isRemoval(each) ? [] : [[markerOf(each), each.hash] as const])));
}

/** Returns whether a package may be deployed, but cannot be read now. */
export function isUnreadable(
  { hash }: Package,
  desired: ExtensionDesired,
  checks: ObservedPackages["checks"],
): boolean {
  const check = checks[hash];
  const isAllowed = desired.packageAllowed?.has(hash) ?? true;
  return isAllowed && check?.usable === false && !check.isRejected;
}

/** Returns why a package must not be deployed; undefined if it may be. */
export function packageProblem(
  hash: string,
  desired: ExtensionDesired,
  checks: ObservedPackages["checks"],
): string | undefined {
  if (desired.packageAllowed && !desired.packageAllowed.has(hash)) {
    return `package ${hash} is not in PACKAGE_ALLOWED. Add it to that setting, or publish a package that is in it`;
  }
  const check = checks[hash];
  if (!check) return `package ${hash} was not checked`;
  return check.usable ? undefined : check.problem;
}
