import type { ScaleSetMemory } from "../../shared/extension/memory.ts";
import type { ExtensionAction } from "../../shared/model/action.ts";
import type { NodePool } from "../../shared/model/cluster.ts";
import type { Instance, ScaleSet } from "../../shared/model/scale-set.ts";
import type { Subject, Verdict } from "../../shared/model/verdict.ts";
import { MARKER, OLD_MARKER, OLD_REMOVAL_MARKER, OWNER, PACKAGE, REMOVAL_MARKER } from "../build.ts";
import type { RandomWorld } from "./arbitraries.ts";
import { INSTANCE_LIMITS } from "./instance-limits.ts";
import { isUninstalled, UNINSTALL_LIMITS } from "./uninstall-limits.ts";

/** An action with everything that a rule compares it with. */
export interface ActionContext {
  readonly action: ExtensionAction;
  readonly set: ScaleSet;
  readonly pool: NodePool | undefined;
  readonly memory: ScaleSetMemory;
  readonly world: RandomWorld;
  readonly stateOf: (vmId: string) => Verdict | undefined;
}

export type Upgrade = Extract<ExtensionAction, { kind: "upgrade-instances" }>;

export interface Limit<T> {
  readonly rule: string;
  readonly holds: (context: T) => boolean;
}

const ENDED = new Set(["Succeeded", "Failed", "Canceled"]);
const EXTENSION = "windows-exporter-dsc";

/** Rules for every write. They do not use the code under test. */
const LIMITS: readonly Limit<ActionContext>[] = [
  {
    rule: "no write during an operation of AKS",
    holds: ({ set, pool, world }) =>
      [world.observed.cluster, pool, set].every((each) => each && ENDED.has(each.provisioningState)),
  },
  {
    rule: "no write while cluster or pool is stopped",
    holds: ({ pool, world }) => !world.observed.cluster?.isStopped && !pool?.isStopped,
  },
  {
    rule: "no write to a locked node resource group",
    holds: ({ world }) => !world.observed.cluster?.nodeResourceGroupLocked,
  },
  {
    rule: "no write while an operation of ours is running",
    holds: ({ memory: { operation } }) => operation?.state !== "running",
  },
  { rule: "no write during the wait of a 429", holds: ({ memory }) => memory.backOff?.reason !== "throttled" },
  {
    rule: "only Windows scale sets with Manual upgrade policy and Uniform orchestration",
    holds: ({ set }) => set.isWindows && set.upgradeMode === "Manual" && set.orchestrationMode === "Uniform",
  },
  {
    rule: "no write to a model with another DSC extension",
    holds: ({ set }) => set.extensions.every(({ name, type }) => name === EXTENSION || type.toLowerCase() !== "dsc"),
  },
  {
    rule: "no write to another owner's extension",
    holds: ({ set }) => set.extensions.every(({ tag }) => tag === undefined || tag.owner === OWNER),
  },
  {
    rule: "only the link is renewed in a pool that is not in POOLS or not managed, but for UNINSTALL_POOLS",
    holds: ({ action, world }) => {
      const { pools, sources } = world.desired.selection;
      const isSelected = (pools?.has(action.pool) ?? true) && (sources.get(action.pool) ?? "managed") === "managed";
      return isRenewal(action) || isSelected || isUninstalled(action.pool, world);
    },
  },
  {
    rule: "only allowed and readable packages are written",
    holds: ({ action, world: { desired, observed } }) => {
      if (action.kind !== "put-extension") return true;
      const { package: hash } = action.extension;
      return observed.packages.checks[hash]?.usable === true && (desired.packageAllowed?.has(hash) ?? true);
    },
  },
  {
    rule: "a package that is not proven is written only where it is tried, or there already, and a held one never",
    holds: ({ action, set, world }) => {
      if (action.kind !== "put-extension" || action.reason === "link-expiring") return true;
      if (isUninstalled(action.pool, world)) return true;
      const { marker } = action.extension;
      const isThere = set.extensions.some(({ tag }) => tag?.marker === marker);
      const isTried = world.memory.trial?.scaleSets.includes(set.id) ?? false;
      return world.memory.held?.marker !== marker && (isProven(marker, world) || isThere || isTried);
    },
  },
  {
    rule: "a package is installed in no pool of UNINSTALL_POOLS, and removed in no other",
    holds: ({ action, world }) => {
      if (action.kind !== "put-extension" || isRenewal(action)) return true;
      const { Ensure } = action.extension.settings.configurationArguments;
      return (Ensure === "Absent") === isUninstalled(action.pool, world);
    },
  },
  {
    rule: "every written extension has our owner",
    holds: ({ action }) => action.kind !== "put-extension" || action.extension.owner === OWNER,
  },
];

interface UpgradeContext extends ActionContext {
  readonly upgrade: Upgrade;
  readonly instances: readonly Instance[];
  readonly installing: readonly Instance[];
}

/** Rules for every upgrade. */
const UPGRADE_LIMITS: readonly Limit<UpgradeContext>[] = [
  {
    rule: "only observed instances, each once",
    holds: ({ upgrade, instances }) =>
      instances.length === upgrade.instances.length && new Set(instances).size === instances.length,
  },
  {
    rule: "the model has the marker of the upgrade",
    holds: ({ upgrade, set }) => set.extensions.find((each) => each.name === EXTENSION)?.tag?.marker === upgrade.marker,
  },
  {
    rule: "only after it is known what the last batch did to each node",
    holds: ({ memory }) => memory.batch === undefined,
  },
  { rule: "none in a pool of which an upgrade interrupted a node", holds: ({ memory }) => memory.harm === undefined },
  {
    rule: "a new package, or one without an unharmed node since AKS worked on the pool, alone",
    holds: ({ upgrade, instances, world, memory: { unharmedAt = 0, aksWorkedAt = 0, uninstall } }) =>
      instances.length === 1 ||
      (isProven(upgrade.marker, world) && unharmedAt > Math.max(aksWorkedAt, uninstall?.since ?? 0)),
  },
  {
    rule: "a new package only while none is installing",
    holds: ({ upgrade, installing, world }) => isProven(upgrade.marker, world) || installing.length === 0,
  },
  {
    rule: "at most ROLLOUT_BATCH or 10 % where exporters are replaced",
    holds: ({ upgrade, instances, installing, set, world }) =>
      upgrade.reason === "missing" ||
      instances.length === 1 ||
      instances.length + installing.length <=
        Math.max(world.desired.rolloutBatch, Math.ceil(set.instances.length / 10)),
  },
  {
    rule: "at most RESTORE_BATCH or half of the pool, of those without an exporter",
    holds: ({ upgrade, instances, installing, set, world, memory }) =>
      upgrade.reason !== "missing" ||
      (instances.every(({ vmId }) => memory.instances[vmId]?.unprovenSince !== undefined) &&
        (instances.length === 1 ||
          instances.length + installing.length <= (world.desired.restoreBatch ?? Math.ceil(set.instances.length / 2)))),
  },
  {
    rule: "none after a proven package has failed because of itself on two nodes",
    holds: ({ upgrade, memory }) => memory.packageHold?.marker !== upgrade.marker,
  },
];

/** Returns the rules that an action violates. */
export function violations(context: ActionContext): readonly string[] {
  const { action: upgrade, set, stateOf } = context;
  const violated = [...violatedBy(LIMITS, context), ...violatedBy(UNINSTALL_LIMITS, context)];
  if (upgrade.kind !== "upgrade-instances") return violated;
  const instances = upgrade.instances.flatMap(({ id, vmId }) =>
    set.instances.filter((each) => each.id === id && each.vmId === vmId),
  );
  const installing = set.instances.filter(({ vmId }) => stateOf(vmId)?.state === "installing");
  return [
    ...violated,
    ...violatedBy(UPGRADE_LIMITS, { ...context, upgrade, instances, installing }),
    ...instances.flatMap((one) => violatedBy(INSTANCE_LIMITS, { ...context, one, upgrade })),
  ];
}

/** Returns whether the subject is an instance of this scale set. */
export function isInstanceOf(subject: Subject, set: ScaleSet): subject is Extract<Subject, { kind: "instance" }> {
  return subject.kind === "instance" && subject.scaleSet === set.id;
}

function violatedBy<T>(limits: readonly Limit<T>[], context: T): readonly string[] {
  return limits.filter(({ holds }) => !holds(context)).map(({ rule }) => rule);
}

/** Returns whether a marker is that of a proven package, or of a removal; the worlds have two packages. */
function isProven(marker: string, { memory }: RandomWorld): boolean {
  if (marker === REMOVAL_MARKER || marker === OLD_REMOVAL_MARKER) return true;
  const proven: readonly string[] = memory.proven.map(({ hash }) => (hash === PACKAGE.hash ? MARKER : OLD_MARKER));
  return proven.includes(marker);
}

function isRenewal(action: ExtensionAction): boolean {
  return action.kind === "put-extension" && action.reason === "link-expiring";
}
