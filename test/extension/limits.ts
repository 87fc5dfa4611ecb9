import type { ScaleSetMemory } from "../../shared/extension/memory.ts";
import type { ExtensionAction } from "../../shared/model/action.ts";
import type { NodePool } from "../../shared/model/cluster.ts";
import type { Instance, InstanceExtension, ScaleSet } from "../../shared/model/scale-set.ts";
import type { Subject, Verdict } from "../../shared/model/verdict.ts";
import { MINUTE, NOW, OWNER } from "../build.ts";
import type { RandomWorld } from "./arbitraries.ts";

/** An action with all that it may harm. */
export interface Touched {
  readonly action: ExtensionAction;
  readonly set: ScaleSet;
  readonly pool: NodePool | undefined;
  readonly memory: ScaleSetMemory;
  readonly world: RandomWorld;
  readonly stateOf: (vmId: string) => Verdict | undefined;
}

type Upgrade = Extract<ExtensionAction, { kind: "upgrade-instances" }>;

interface Limit<T> {
  readonly rule: string;
  readonly holds: (touched: T) => boolean;
}

const AT_REST = new Set(["Succeeded", "Failed", "Canceled"]);
const NAME = "windows-exporter-dsc";

/** What holds of every write, read from the design and not from the code. */
const LIMITS: readonly Limit<Touched>[] = [
  {
    rule: "no write while AKS is moving",
    holds: ({ set, pool, world }) =>
      [world.observed.cluster, pool, set].every((each) => each && AT_REST.has(each.provisioningState)),
  },
  {
    rule: "no write to what is stopped",
    holds: ({ pool, world }) => !world.observed.cluster?.isStopped && !pool?.isStopped,
  },
  { rule: "no write to a locked group", holds: ({ world }) => !world.observed.cluster?.nodeResourceGroupLocked },
  {
    rule: "no write while an operation of ours runs, for 90 minutes",
    holds: ({ memory: { operation } }) => operation?.state !== "running" || NOW - operation.submittedAt > 90 * MINUTE,
  },
  { rule: "no write while ARM asks to wait", holds: ({ memory }) => memory.backOff?.reason !== "throttled" },
  {
    rule: "only Windows sets that roll by hand",
    holds: ({ set }) => set.isWindows && set.upgradeMode === "Manual" && set.orchestrationMode === "Uniform",
  },
  {
    rule: "no write beside a foreign DSC extension",
    holds: ({ set }) => set.extensions.every(({ name, type }) => name === NAME || type.toLowerCase() !== "dsc"),
  },
  {
    rule: "no write to another owner's extension",
    holds: ({ set }) => set.extensions.every(({ tag }) => tag === undefined || tag.owner === OWNER),
  },
  {
    rule: "outside of POOLS, or where another installs, only the link is renewed",
    holds: ({ action, world: { desired } }) => {
      const { pools, sources } = desired.selection;
      const isSelected = (pools?.has(action.pool) ?? true) && (sources.get(action.pool) ?? "managed") === "managed";
      return isRenewal(action) || isSelected;
    },
  },
  {
    rule: "only packages that are allowed and can be read are put",
    holds: ({ action, world: { desired, observed } }) => {
      if (action.kind !== "put-extension") return true;
      const { package: hash } = action.extension;
      return observed.packages.checks[hash]?.usable === true && (desired.packageAllowed?.has(hash) ?? true);
    },
  },
  {
    rule: "what is put is ours",
    holds: ({ action }) => action.kind !== "put-extension" || action.extension.owner === OWNER,
  },
];

interface TouchedInstances extends Touched {
  readonly upgrade: Upgrade;
  readonly instances: readonly Instance[];
  readonly installing: readonly Instance[];
}

/** What holds of every upgrade. */
const UPGRADE_LIMITS: readonly Limit<TouchedInstances>[] = [
  {
    rule: "instances that were seen, each once",
    holds: ({ upgrade, instances }) =>
      instances.length === upgrade.instances.length && new Set(instances).size === instances.length,
  },
  {
    rule: "the model carries what it brings",
    holds: ({ upgrade, set }) => set.extensions.find((each) => each.name === NAME)?.tag?.marker === upgrade.marker,
  },
  {
    rule: "without a canary only where the whole pool had it",
    holds: ({ upgrade, memory }) => (upgrade.reason === "missing") === (memory.provenMarker === upgrade.marker),
  },
  {
    rule: "one canary, alone",
    holds: ({ upgrade, instances, installing }) =>
      upgrade.reason !== "canary" || instances.length + installing.length === 1,
  },
  {
    rule: "a batch after a canary that is current, and after the last batch",
    holds: ({ upgrade, set, installing, memory, stateOf }) =>
      upgrade.reason !== "rollout" ||
      (set.instances.some(({ vmId }) => stateOf(vmId)?.state === "current") &&
        installing.every(({ vmId }) => !memory.lastBatch.includes(vmId))),
  },
  {
    rule: "ROLLOUT_BATCH, or 10 %",
    holds: ({ upgrade, instances, installing, set, world }) =>
      upgrade.reason !== "rollout" ||
      instances.length + installing.length <=
        Math.max(world.desired.rolloutBatch, Math.ceil(set.instances.length / 10)),
  },
  {
    rule: "RESTORE_BATCH, or half of the pool",
    holds: ({ upgrade, instances, installing, set, world }) =>
      upgrade.reason !== "missing" ||
      instances.length + installing.length <= (world.desired.restoreBatch ?? Math.ceil(set.instances.length / 2)),
  },
  {
    rule: "a package that failed goes no further",
    holds: ({ upgrade, set, stateOf }) =>
      upgrade.reason === "missing" || set.instances.every(({ vmId }) => stateOf(vmId)?.reason !== "cause-package"),
  },
];

/** What holds of every instance of an upgrade: `manualupgrade` applies the whole model. */
const INSTANCE_LIMITS: readonly Limit<Touched & { readonly one: Instance; readonly upgrade: Upgrade }>[] = [
  { rule: "it runs and answers", holds: ({ one }) => one.isRunning && one.agentReady },
  { rule: "it is not protected", holds: ({ one }) => !one.protectedFromScaleSetActions },
  { rule: "its image is the model's", holds: ({ one, set }) => one.image === set.image },
  { rule: "its size is the model's", holds: ({ one, set }) => one.sku.toLowerCase() === set.sku.toLowerCase() },
  {
    rule: "vmssCSE, where the model has it, has succeeded on it",
    holds: ({ one, set }) =>
      !set.extensions.some(({ name }) => name === "vmssCSE") || find(one, "vmssCSE")?.state === "succeeded",
  },
  { rule: "nothing runs on it", holds: ({ one }) => find(one, NAME)?.state !== "transitioning" },
  {
    rule: "it does not have it yet",
    holds: ({ one, upgrade }) =>
      find(one, NAME)?.state !== "succeeded" || find(one, NAME)?.tag?.marker !== upgrade.marker,
  },
  { rule: "it is not being deleted", holds: ({ one }) => one.provisioningState !== "Deleting" },
  {
    rule: "if it is Failed, by our extension alone",
    holds: ({ one }) =>
      one.provisioningState !== "Failed" ||
      one.extensions.every(({ name, state }) => (state === "failed") === (name === NAME)),
  },
  {
    rule: "after AKS has failed, it is at rest itself",
    holds: ({ one, set, pool, world }) =>
      [world.observed.cluster, pool, set].every((each) => each?.provisioningState === "Succeeded") ||
      ["Succeeded", "Failed"].includes(one.provisioningState),
  },
];

/** The rules that an action breaks. */
export function violations(touched: Touched): readonly string[] {
  const { action: upgrade, set, stateOf } = touched;
  const broken = brokenBy(LIMITS, touched);
  if (upgrade.kind !== "upgrade-instances") return broken;
  const instances = upgrade.instances.flatMap(({ id, vmId }) =>
    set.instances.filter((each) => each.id === id && each.vmId === vmId),
  );
  const installing = set.instances.filter(({ vmId }) => stateOf(vmId)?.state === "installing");
  return [
    ...broken,
    ...brokenBy(UPGRADE_LIMITS, { ...touched, upgrade, instances, installing }),
    ...instances.flatMap((one) => brokenBy(INSTANCE_LIMITS, { ...touched, one, upgrade })),
  ];
}

/** Whether a verdict is about an instance of this set. */
export function isOneOfOurs(subject: Subject, set: ScaleSet): subject is Extract<Subject, { kind: "instance" }> {
  return subject.kind === "instance" && subject.scaleSet === set.id;
}

function brokenBy<T>(limits: readonly Limit<T>[], touched: T): readonly string[] {
  return limits.filter(({ holds }) => !holds(touched)).map(({ rule }) => rule);
}

function find({ extensions }: Instance, name: string): InstanceExtension | undefined {
  return extensions.find((each) => each.name === name);
}

function isRenewal(action: ExtensionAction): boolean {
  return action.kind === "put-extension" && action.reason === "link-expiring";
}
