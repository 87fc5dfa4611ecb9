import type { ExtensionObserved } from "../model/observed.ts";
import type { ObservedPackages, Package } from "../model/package.ts";
import type { ExtensionDesired } from "./desired.ts";
import type { ExtensionMemory } from "./memory.ts";

/** The package that the pools of a cluster should have. */
export interface DesiredPackage {
  /** Undefined if no package is known, or the known one must not be deployed. */
  readonly package: Package | undefined;
  /** Why there is no desired package, or why it is the last known one instead of the one in `current.json`. */
  readonly problem: string | undefined;
}

/**
 * Returns the desired package. A package is deployable if it is allowed, can be read, and its content matches its hash.
 *
 *     current.json      its package, or that in memory  desired      problem
 *     ------------      ------------------------------  -------      -------
 *     valid             deployable                      the package  none
 *     valid             not deployable                  none         of the package
 *     missing, invalid  deployable                      the package  of the manifest
 *     missing, invalid  not deployable                  none         of the package
 *     missing, invalid  none in memory                  none         of the manifest
 */
export function choosePackage(
  desired: ExtensionDesired,
  observed: ExtensionObserved,
  memory: ExtensionMemory,
): DesiredPackage {
  const { current, checks } = observed.packages;
  const candidate = "package" in current ? current.package : memory.package;
  const manifestProblem = "problem" in current ? current.problem : undefined;
  if (!candidate) return { package: undefined, problem: manifestProblem };

  const problem = packageProblem(candidate.hash, desired, checks);
  return problem ? { package: undefined, problem } : { package: candidate, problem: manifestProblem };
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
