import type { ExtensionAction, ObservedState } from "../model/action.ts";
import { type Cluster, hasFailed, type NodePool } from "../model/cluster.ts";
import { type DesiredExtension, findOwnExtension } from "../model/extension.ts";
import type { NodeFacts } from "../model/node.ts";
import type { ExtensionObserved } from "../model/observed.ts";
import { findPool, isUninstalling } from "../model/pools.ts";
import type { Reason } from "../model/reason.ts";
import type { Names } from "../model/refusal.ts";
import type { ModelExtension, ScaleSet } from "../model/scale-set.ts";
import { type EpochMs, MINUTE_MS } from "../model/time.ts";
import type { VerdictState } from "../model/verdict.ts";
import { buildExtension, type ExtensionDesired } from "./desired.ts";
import type { InstanceVerdict } from "./instance-context.ts";
import { classifyInstance } from "./instances.ts";
import { EMPTY_SCALE_SET, type ExtensionMemory, type ScaleSetMemory } from "./memory.ts";
import { type DesiredPackage, type PackageChoice, packageFor, packageForRemoval } from "./package.ts";
import { planRollout, type Rollout } from "./rollout.ts";

/** One scale set with everything that a row of the plan's table needs. */
export interface ScaleSetContext {
  readonly desired: ExtensionDesired;
  readonly cluster: Cluster;
  readonly pool: NodePool | undefined;
  readonly poolName: string;
  readonly scaleSet: ScaleSet;
  readonly memory: ScaleSetMemory;
  readonly checks: ExtensionObserved["packages"]["checks"];
  readonly desiredPackage: DesiredPackage;
  /** The package that this pool should have, or why it should have none. */
  readonly choice: PackageChoice;
  readonly showsEvidence: boolean;
  readonly nodes: NodeFacts | undefined;
  readonly now: EpochMs;
  /** SHA-256 of the known packages, by marker. */
  readonly packages: ReadonlyMap<string, string>;
  /** The marker that the instances should carry; undefined if there is no desired package and the model has none. */
  readonly marker: string | undefined;
  /** Our extension in the model. */
  readonly currentExtension: ModelExtension | undefined;
  /** Our extension as it should be in the model; undefined if there is no desired package. */
  readonly desiredExtension: DesiredExtension | undefined;
  /** Owners whose extensions the app has taken over in this cluster. */
  readonly adopted: readonly string[];
  /** Before that, no instance is upgraded, because memory was lost. */
  readonly upgradesFrom: EpochMs;
  /** The verdicts of its instances, ordered by id. */
  readonly instances: readonly InstanceVerdict[];
  /** The next batch of upgrades; undefined if there is no desired package. */
  readonly rollout: Rollout | undefined;
  /** Whether cluster, pool or scale set is Failed or Canceled. */
  readonly isFailed: boolean;
  /** Whether the pool has been Failed or Canceled for 15 minutes. */
  readonly isPoolFailed: boolean;
}

/** For so long AKS may retry an operation that failed. */
export const SETTLED_AFTER_MS = 15 * MINUTE_MS;

/** The decision about one scale set. */
export interface Decision {
  readonly state: VerdictState;
  readonly reason?: Reason;
  readonly message?: string;
  readonly names?: Names;
  /** Since when it has held, if memory knows that better than the last verdicts. */
  readonly since?: EpochMs;
  /** When the app tries again what failed or was refused. */
  readonly nextTryAt?: EpochMs;
  readonly action?: ExtensionAction;
  /** When the decision can change; without it, only the plan's own rules apply. */
  readonly requeueAt?: EpochMs;
}

/** Returns what an action on the scale set requires to be unchanged. */
export function observedState({ pool, scaleSet }: ScaleSetContext): ObservedState {
  const { provisioningState, etag } = scaleSet;
  return { pool: pool?.provisioningState ?? "", scaleSet: provisioningState, etag };
}

/** One row of the table: returns its decision, or undefined if it does not match. */
export type Row = (ctx: ScaleSetContext) => Decision | undefined;

/** Returns the context of one scale set. */
export function createScaleSetContext(
  cluster: Cluster,
  scaleSet: ScaleSet,
  sources: {
    readonly desired: ExtensionDesired;
    readonly observed: ExtensionObserved;
    readonly memory: ExtensionMemory;
    readonly desiredPackage: DesiredPackage;
    readonly packages: ReadonlyMap<string, string>;
  },
): ScaleSetContext {
  const { desired, observed, desiredPackage, packages } = sources;
  const poolName = scaleSet.pool ?? "";
  const pool = findPool(observed.pools, poolName);
  const memory = sources.memory.scaleSets[scaleSet.id] ?? EMPTY_SCALE_SET;
  const { failedSince = observed.at } = memory;
  const currentExtension = findOwnExtension(scaleSet.extensions);
  const context = {
    desired,
    cluster,
    pool,
    poolName,
    scaleSet,
    memory,
    checks: observed.packages.checks,
    desiredPackage,
    choice: choiceFor(scaleSet, currentExtension, { desired, desiredPackage, memory }),
    packages,
    showsEvidence: sources.memory.showsEvidence,
    nodes: observed.nodes,
    adopted: sources.memory.adopted,
    upgradesFrom: sources.memory.upgradesFrom ?? 0,
    now: observed.at,
    currentExtension,
    isFailed: [cluster, pool, scaleSet].some((each) => each !== undefined && hasFailed(each.provisioningState)),
    isPoolFailed: hasFailed(pool?.provisioningState ?? "") && observed.at - failedSince >= SETTLED_AFTER_MS,
  };
  const desiredExtension = desiredExtensionOf(context);
  return { ...context, desiredExtension, ...planInstances(context, desiredExtension) };
}

/** Returns the package that a pool should have, or with which the app uninstalls it. */
function choiceFor(
  { id, pool }: ScaleSet,
  current: ModelExtension | undefined,
  { desired, desiredPackage, memory }: Pick<ScaleSetContext, "desired" | "desiredPackage" | "memory">,
): PackageChoice {
  if (isUninstalling(pool, desired.selection)) return packageForRemoval(memory);
  return packageFor(desiredPackage, { id, marker: current?.tag?.marker });
}

type ContextWithoutPlan = Omit<ScaleSetContext, "desiredExtension" | "marker" | "instances" | "rollout">;

function desiredExtensionOf({
  desired,
  choice,
  currentExtension,
  memory,
  isPoolFailed,
  scaleSet: { extensions },
}: ContextWithoutPlan): DesiredExtension | undefined {
  const tag = currentExtension?.tag ?? memory.lastTag;
  return choice.package && buildExtension(choice.package, desired, { extensions, isPoolFailed, tag });
}

function planInstances(
  { desired, choice, memory, showsEvidence, nodes, now, scaleSet, currentExtension }: ContextWithoutPlan,
  desiredExtension: DesiredExtension | undefined,
): Pick<ScaleSetContext, "marker" | "instances" | "rollout"> {
  const marker = desiredExtension?.marker ?? currentExtension?.tag?.marker;
  const isRemoving = isUninstalling(scaleSet.pool, desired.selection);
  const common = { model: scaleSet, memory, showsEvidence, nodes, now };
  const instances = scaleSet.instances
    .toSorted((a, b) => Number(a.id) - Number(b.id))
    .map((instance) => classifyInstance(instance, { ...common, marker, isRemoving }));
  const isNew = choice.package !== undefined && choice.isNew;
  const rollout =
    desiredExtension && planRollout(instances, { desired, marker: desiredExtension.marker, isNew, memory, now });
  return { marker, instances, rollout };
}
