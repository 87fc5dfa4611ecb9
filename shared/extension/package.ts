import type { ExtensionObserved } from "../model/observed.ts";
import type { ObservedPackages, Package } from "../model/package.ts";
import type { ExtensionDesired } from "./desired.ts";
import type { ExtensionMemory } from "./memory.ts";

/** Which package the cluster's pools should have. */
export interface DesiredPackage {
  /** Undefined: none is known, or the one that is known must not be deployed. */
  readonly package: Package | undefined;
  /** Why the named package is not wanted, or why the last one read stands in its place. */
  readonly problem: string | undefined;
}

/**
 *     current.json      its package                 wanted             problem
 *     ------------      -----------                 ------             -------
 *     valid             allowed, readable, itself   the one it names   none
 *     valid             anything else               none               of the package
 *     missing, invalid  in memory, and as above     the one in memory  of the manifest
 *     missing, invalid  none in memory              none               of the manifest
 */
export function choosePackage(
  desired: ExtensionDesired,
  observed: ExtensionObserved,
  memory: ExtensionMemory,
): DesiredPackage {
  const { current, checks } = observed.packages;
  const named = "package" in current ? current.package : memory.package;
  const manifestProblem = "problem" in current ? current.problem : undefined;
  if (!named) return { package: undefined, problem: manifestProblem };

  const problem = packageProblem(named.hash, desired, checks);
  return problem ? { package: undefined, problem } : { package: named, problem: manifestProblem };
}

/** Why a package must not be deployed; undefined where it may be. */
function packageProblem(
  hash: string,
  desired: ExtensionDesired,
  checks: ObservedPackages["checks"],
): string | undefined {
  if (desired.packageAllowed && !desired.packageAllowed.has(hash)) {
    return `package ${hash} is not in PACKAGE_ALLOWED; add it there, or publish one that is`;
  }
  const check = checks[hash];
  if (!check) return `package ${hash} was not looked at`;
  return check.usable ? undefined : check.problem;
}
