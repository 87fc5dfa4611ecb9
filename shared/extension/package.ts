import type { ExtensionObserved } from "../model/observed.ts";
import type { ObservedPackages, Package } from "../model/package.ts";
import { type ExtensionDesired, markerOf, packageInModel } from "./desired.ts";
import type { ExtensionMemory } from "./memory.ts";

/** The package that the pools of a cluster should have. */
export interface DesiredPackage {
  /** Undefined if no package is known, or the known one must not be deployed. */
  readonly package: Package | undefined;
  /** The marker of a package that cannot be read: models that carry it keep it. */
  readonly keptMarker: string | undefined;
  /** The newest proven package that can be deployed, for the other models. */
  readonly fallback: Package | undefined;
  /** Why there is no desired package, or why it is another one than that in `current.json`. */
  readonly problem: string | undefined;
}

/**
 * Returns the desired package. A package is deployable if it is allowed, can be read, and its content matches its hash.
 *
 *     current.json      its package, or that in memory  desired                                         problem
 *     ------------      ------------------------------  -------                                         -------
 *     valid             deployable                      the package                                     none
 *     missing, invalid  deployable                      the package                                     of the manifest
 *     any               cannot be read                  where a model has it: none, and the model       of the package
 *                                                       stays; elsewhere the last proven, or none
 *     any               not allowed, or rejected        the last proven one, or none                    of the package
 *     missing, invalid  none in memory                  the last proven one, or none                    of the manifest
 */
export function choosePackage(
  desired: ExtensionDesired,
  observed: ExtensionObserved,
  memory: ExtensionMemory,
): DesiredPackage {
  const { current, checks } = observed.packages;
  const candidate = "package" in current ? current.package : memory.package;
  const manifestProblem = "problem" in current ? current.problem : undefined;
  const problem = candidate && packageProblem(candidate.hash, desired, checks);
  if (candidate && problem === undefined) {
    return { package: candidate, keptMarker: undefined, fallback: undefined, problem: manifestProblem };
  }
  const fallback = memory.proven.findLast(({ hash }) => packageProblem(hash, desired, checks) === undefined);
  const keptMarker = candidate && isUnreadable(candidate, desired, checks) ? markerOf(candidate) : undefined;
  return { package: undefined, keptMarker, fallback, problem: problem ?? manifestProblem };
}

/** Returns the package that a pool should have; undefined if its model keeps what it has. */
export function packageFor(
  { package: chosen, keptMarker, fallback }: DesiredPackage,
  modelMarker: string | undefined,
): Package | undefined {
  const isKept = modelMarker !== undefined && modelMarker === keptMarker;
  return chosen ?? (isKept ? undefined : fallback);
}

/** Returns the hashes of the packages that the app knows, by marker: of models, of memory, and the desired one. */
export function packagesByMarker(
  { package: chosen }: DesiredPackage,
  { scaleSets }: ExtensionObserved,
  { proven, package: known }: ExtensionMemory,
): ReadonlyMap<string, string> {
  const inModels = scaleSets.map((each) => packageInModel(each));
  const all = [...proven, known, chosen, ...inModels].filter((each) => each !== undefined);
  return new Map(all.map((each) => [markerOf(each), each.hash]));
}

function isUnreadable({ hash }: Package, desired: ExtensionDesired, checks: ObservedPackages["checks"]): boolean {
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
