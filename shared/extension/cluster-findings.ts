import type { ExtensionObserved } from "../model/observed.ts";
import { isUninstalling } from "../model/pools.ts";
import { MINUTE_MS } from "../model/time.ts";
import type { Finding } from "../model/verdict.ts";
import { canaryPoolProblem } from "./canary.ts";
import type { ExtensionDesired } from "./desired.ts";
import type { ExtensionMemory } from "./memory.ts";
import type { DesiredPackage } from "./package.ts";
import type { ScaleSetContext } from "./scale-set-context.ts";

type ClusterFinding = Omit<Finding, "subject">;

/** What the plan of a cluster depends on. */
export interface ClusterContext {
  readonly desired: ExtensionDesired;
  readonly observed: ExtensionObserved;
  readonly memory: ExtensionMemory;
  readonly desiredPackage: DesiredPackage;
  readonly contexts: readonly ScaleSetContext[];
}

/** Returns the findings about the packages of a cluster. */
export function packageFindings({ memory, desiredPackage }: ClusterContext): readonly ClusterFinding[] {
  const { problem } = desiredPackage;
  const { held } = memory;
  return [
    ...(problem === undefined
      ? []
      : [{ state: "package-unusable", reason: "package-unusable", message: problem } as const]),
    ...(held ? [{ state: "held", ...heldFinding(held) } as const] : []),
  ];
}

/** Returns the findings about the trial of a new package, and about what the app cannot see. */
export function watchFindings(ctx: ClusterContext): readonly ClusterFinding[] {
  return [...trialFindings(ctx), ...(lacksFacts(ctx) ? [{ state: "degraded", reason: "no-node-facts" } as const] : [])];
}

function heldFinding({ reason, since, nodes }: NonNullable<ExtensionMemory["held"]>): Omit<ClusterFinding, "state"> {
  const what = reason === "canary-failed" ? "the package failed on" : "upgrades to the package interrupted";
  return { reason, since, message: `${what} ${nodes.join(", ")}`, names: { nodes } };
}

function trialFindings({ memory, desired, observed, contexts }: ClusterContext): readonly ClusterFinding[] {
  const { trial } = memory;
  const isUninstalled = contexts.every(({ poolName }) => isUninstalling(poolName, desired.selection));
  if (!trial || (isUninstalled && contexts.length > 0)) return [];
  const isIn = new Set<string>(trial.scaleSets);
  const pools = contexts.filter(({ scaleSet }) => isIn.has(scaleSet.id)).map(({ poolName }) => poolName);
  const { soakingSince } = trial;
  const problem = canaryPoolProblem(contexts, desired, observed.pauses);
  const progress =
    soakingSince === undefined
      ? `pool ${pools.join(", ")} tries the package`
      : `pool ${pools.join(", ")} has been well for ${inMinutes(observed.at - soakingSince)} of ${inMinutes(desired.soakMs)} minutes`;
  const isNews = soakingSince !== undefined || pools.length < contexts.length;
  const found: ClusterFinding =
    pools.length === 0
      ? { state: "waiting", reason: "awaiting-canary", message: "no pool can try the package" }
      : { state: "converging", reason: soakingSince === undefined ? "canary" : "soaking", message: progress };
  return [
    // What the only pool does is said of that.
    ...(isNews ? [found] : []),
    ...(problem === undefined ? [] : [{ state: "waiting", reason: "canary-pool", message: problem } as const]),
  ];
}

/** Returns whether the app judges an upgrade or a canary without facts of the nodes. */
function lacksFacts({ observed, memory }: ClusterContext): boolean {
  const isWatching = Object.values(memory.scaleSets).some(({ batch }) => batch?.endedAt !== undefined);
  return observed.nodes === undefined && (isWatching || memory.trial?.soakingSince !== undefined);
}

function inMinutes(ms: number): number {
  return Math.floor(ms / MINUTE_MS);
}
