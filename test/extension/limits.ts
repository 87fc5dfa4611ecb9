import type { ScaleSetMemory } from "../../shared/extension/memory.ts";
import type { ExtensionAction } from "../../shared/model/action.ts";
import type { NodePool } from "../../shared/model/cluster.ts";
import type { Instance, InstanceExtension, ScaleSet } from "../../shared/model/scale-set.ts";
import type { Subject, Verdict } from "../../shared/model/verdict.ts";
import { OWNER } from "../build.ts";
import type { RandomWorld } from "./arbitraries.ts";

/** An action with everything that a rule compares it with. */
export interface ActionContext {
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
  readonly holds: (context: T) => boolean;
}

const ENDED = new Set(["Succeeded", "Failed", "Canceled"]);
const EXTENSION = "windows-exporter-dsc";
/** A failure in a status that says that it succeeded. */
const HIDDEN_FAILURE = /error downloading|agent is not ready|cause=/i;

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
    rule: "only the link is renewed in a pool that is not in POOLS or not managed",
    holds: ({ action, world: { desired } }) => {
      const { pools, sources } = desired.selection;
      const isSelected = (pools?.has(action.pool) ?? true) && (sources.get(action.pool) ?? "managed") === "managed";
      return isRenewal(action) || isSelected;
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
    rule: "no canary only if the package is proven in the pool",
    holds: ({ upgrade, memory }) => (upgrade.reason === "missing") === (memory.provenMarker === upgrade.marker),
  },
  {
    rule: "one canary, alone",
    holds: ({ upgrade, instances, installing }) =>
      upgrade.reason !== "canary" || instances.length + installing.length === 1,
  },
  {
    rule: "a batch only after a current canary and after the last batch",
    holds: ({ upgrade, set, installing, memory, stateOf }) =>
      upgrade.reason !== "rollout" ||
      (set.instances.some(({ vmId }) => stateOf(vmId)?.state === "current") &&
        installing.every(({ vmId }) => !memory.lastBatch.includes(vmId))),
  },
  {
    rule: "at most ROLLOUT_BATCH or 10 %",
    holds: ({ upgrade, instances, installing, set, world }) =>
      upgrade.reason !== "rollout" ||
      instances.length + installing.length <=
        Math.max(world.desired.rolloutBatch, Math.ceil(set.instances.length / 10)),
  },
  {
    rule: "at most RESTORE_BATCH or half of the pool",
    holds: ({ upgrade, instances, installing, set, world }) =>
      upgrade.reason !== "missing" ||
      instances.length + installing.length <= (world.desired.restoreBatch ?? Math.ceil(set.instances.length / 2)),
  },
  {
    rule: "no instance after the package has failed in a known try",
    holds: ({ upgrade, set, memory, stateOf }) =>
      upgrade.reason === "missing" ||
      set.instances.every(({ vmId }) => {
        const attempts = memory.instances[vmId]?.attempts;
        const isKnown = attempts?.marker === upgrade.marker && attempts.isTryKnown;
        return stateOf(vmId)?.reason !== "cause-package" || !isKnown;
      }),
  },
];

/** Rules for every instance of an upgrade, because `manualupgrade` applies the whole model. */
const INSTANCE_LIMITS: readonly Limit<ActionContext & { readonly one: Instance; readonly upgrade: Upgrade }>[] = [
  { rule: "its VM is running and its agent is ready", holds: ({ one }) => one.isRunning && one.agentReady },
  { rule: "it is not protected from scale set actions", holds: ({ one }) => !one.protectedFromScaleSetActions },
  { rule: "it has the image of the model", holds: ({ one, set }) => one.image === set.image },
  {
    rule: "it has the VM size of the model",
    holds: ({ one, set }) => one.sku?.toLowerCase() === set.sku?.toLowerCase(),
  },
  {
    rule: "vmssCSE has succeeded on it if the model has vmssCSE",
    holds: ({ one, set }) =>
      !set.extensions.some(({ name }) => name === "vmssCSE") || findExtension(one, "vmssCSE")?.state === "succeeded",
  },
  {
    rule: "our extension is not transitioning on it",
    holds: ({ one }) => findExtension(one, EXTENSION)?.state !== "transitioning",
  },
  {
    rule: "it does not have the package yet",
    holds: ({ one, upgrade }) => {
      const own = findExtension(one, EXTENSION);
      const isWell = own?.state === "succeeded" && !HIDDEN_FAILURE.test(own.message);
      return !isWell || markerInLog(own) !== upgrade.marker;
    },
  },
  { rule: "it is not being deleted", holds: ({ one }) => one.provisioningState !== "Deleting" },
  {
    rule: "if it is Failed, only our extension has failed",
    holds: ({ one }) =>
      one.provisioningState !== "Failed" ||
      one.extensions.every(({ name, state, message }) =>
        name === EXTENSION ? state === "failed" || HIDDEN_FAILURE.test(message) : state !== "failed",
      ),
  },
  {
    rule: "after AKS has failed, its own last operation has ended",
    holds: ({ one, set, pool, world }) =>
      [world.observed.cluster, pool, set].every((each) => each?.provisioningState === "Succeeded") ||
      ["Succeeded", "Failed"].includes(one.provisioningState),
  },
];

/** Returns the rules that an action violates. */
export function violations(context: ActionContext): readonly string[] {
  const { action: upgrade, set, stateOf } = context;
  const violated = violatedBy(LIMITS, context);
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

function findExtension({ extensions }: Instance, name: string): InstanceExtension | undefined {
  return extensions.find((each) => each.name === name);
}

/** Returns the marker in the evidence of the module. */
function markerInLog({ logs }: InstanceExtension): string | undefined {
  return /marker=([0-9a-f]{16})/.exec(logs.join("\n"))?.[1];
}

function isRenewal(action: ExtensionAction): boolean {
  return action.kind === "put-extension" && action.reason === "link-expiring";
}
