import { isMoving } from "../model/cluster.ts";
import { AKS_EXTENSION_NAME, findOwnExtension } from "../model/extension.ts";
import type { Reason } from "../model/reason.ts";
import type { Instance, InstanceExtension, ScaleSetModel } from "../model/scale-set.ts";
import { type EpochMs, MINUTE_MS } from "../model/time.ts";
import type { InstanceState } from "../model/verdict.ts";
import type { InstanceMemory, ScaleSetMemory } from "./memory.ts";
import { failureCause } from "./run-result.ts";

/** Twice the time that AKS allows for all extensions of an instance (PT16M). A longer run is considered stuck. */
const STUCK_AFTER_MS = 32 * MINUTE_MS;

/** The state of one instance, with its reason and message. */
export interface InstanceVerdict {
  readonly instance: Instance;
  readonly state: InstanceState;
  readonly reason?: Reason;
  readonly message?: string;
}

/** What the instances of one scale set are compared with. */
interface ClassifyContext {
  /** The marker that the instances should carry; undefined if there is no desired package and the model has none. */
  readonly marker: string | undefined;
  readonly model: ScaleSetModel;
  readonly memory: ScaleSetMemory;
  readonly now: EpochMs;
}

/** One instance with everything that a row needs. */
interface InstanceContext extends ClassifyContext {
  readonly instance: Instance;
  readonly remembered: InstanceMemory | undefined;
  readonly currentExtension: InstanceExtension | undefined;
  /** Whether a running operation of this app includes the instance. */
  readonly isUpgrading: boolean;
}

type Row = (ctx: InstanceContext) => Omit<InstanceVerdict, "instance"> | undefined;

/**
 * The first row that matches gives the state:
 *
 *     observed                                                            state
 *     --------                                                            -----
 *     VM not running, or being deleted                                    unknown
 *     operation in progress on it, and our extension missing              unknown
 *     VM agent not ready                                                  unknown
 *     Failed, and our extension is not the only cause                     unknown
 *     our extension transitioning, or our upgrade running                 installing; after 32 minutes stuck
 *     our extension succeeded with the desired marker                     current
 *     vmssCSE not succeeded, if the model has it                          awaiting-aks
 *     protected from scale set actions                                    protected
 *     image or VM size differs from the model                             awaiting-aks
 *     our extension missing after a successful upgrade to this marker     no-effect
 *     our extension failed with the desired marker                        failed
 *     our extension succeeded, marker unknown                             unproven
 *     our extension missing, or with another marker                       outdated
 *
 * While our upgrade of the instance is running, an operation in progress and a VM agent that is not ready are expected.
 */
const ROWS: readonly Row[] = [
  unknown,
  installing,
  current,
  awaitingCse,
  protectedInstance,
  differsFromModel,
  noEffect,
  failed,
  unproven,
];

/** Returns the verdict of one instance; decides no action. */
export function classifyInstance(instance: Instance, context: ClassifyContext): InstanceVerdict {
  const { operation } = context.memory;
  const ctx: InstanceContext = {
    ...context,
    instance,
    remembered: context.memory.instances[instance.vmId],
    currentExtension: findOwnExtension(instance.extensions),
    isUpgrading: operation?.state === "running" && operation.instances.includes(instance.vmId),
  };
  for (const row of ROWS) {
    const verdict = row(ctx);
    if (verdict) return { instance, ...verdict };
  }
  return { instance, state: "outdated" };
}

/** Returns the marker of the extension on an instance: from its tag if ARM returns that, otherwise from memory. */
export function carriedMarker(
  currentExtension: InstanceExtension,
  remembered: InstanceMemory | undefined,
): string | undefined {
  return currentExtension.tag?.marker ?? remembered?.marker;
}

function unknown(ctx: InstanceContext): ReturnType<Row> {
  const { instance, currentExtension, isUpgrading } = ctx;
  if (!instance.isRunning) return { state: "unknown", message: "the VM is not running" };
  if (/^deleting$/i.test(instance.provisioningState)) return { state: "unknown", message: "the VM is being deleted" };
  if (isMoving(instance.provisioningState) && !currentExtension && !isUpgrading) {
    const message = `the instance is ${instance.provisioningState} and does not have the extension yet`;
    return { state: "unknown", message };
  }
  if (!instance.agentReady && !isUpgrading) return { state: "unknown", message: "the VM agent is not ready" };
  if (!hasOtherFailure(ctx)) return undefined;
  const message = "the instance is Failed, and this app's extension is not the only cause. Check its instance view";
  return { state: "unknown", message };
}

/** Returns whether the instance is Failed, and not only because of our extension. */
function hasOtherFailure({ instance, currentExtension }: InstanceContext): boolean {
  if (!/^failed$/i.test(instance.provisioningState)) return false;
  const failures = instance.extensions.filter((each) => each.state === "failed");
  return failures.length !== 1 || failures[0] !== currentExtension;
}

function installing({ currentExtension, isUpgrading, memory, now }: InstanceContext): ReturnType<Row> {
  if (currentExtension?.state !== "transitioning" && !isUpgrading) return undefined;
  const since = isUpgrading ? memory.operation?.submittedAt : currentExtension?.at;
  const isStuck = since !== undefined && now - since > STUCK_AFTER_MS;
  return isStuck
    ? { state: "stuck", message: "the extension has been installing for more than 32 minutes" }
    : { state: "installing" };
}

function current({ currentExtension, marker, remembered }: InstanceContext): ReturnType<Row> {
  const isCurrent =
    currentExtension?.state === "succeeded" &&
    marker !== undefined &&
    carriedMarker(currentExtension, remembered) === marker;
  return isCurrent ? { state: "current" } : undefined;
}

function awaitingCse({ instance, model }: InstanceContext): ReturnType<Row> {
  if (!model.extensions.some((each) => each.name === AKS_EXTENSION_NAME)) return undefined;
  const cse = instance.extensions.find((each) => each.name === AKS_EXTENSION_NAME);
  if (cse?.state === "succeeded") return undefined;
  const message = `AKS's extension ${AKS_EXTENSION_NAME} ${cse ? `has state ${cse.state}` : "is missing"}`;
  return { state: "awaiting-aks", reason: "vmss-cse", message };
}

function protectedInstance({ instance }: InstanceContext): ReturnType<Row> {
  return instance.protectedFromScaleSetActions ? { state: "protected" } : undefined;
}

/**
 * `manualupgrade` applies the whole model: with another image or VM size it would reimage a node that AKS has not
 * drained.
 */
function differsFromModel({ instance, model }: InstanceContext): ReturnType<Row> {
  if (instance.image !== model.image) {
    const message =
      `the instance has image ${instance.image}, and the model ${model.image}. ` +
      "Let AKS upgrade the node: az aks nodepool upgrade --node-image-only";
    return { state: "awaiting-aks", reason: "image-differs", message };
  }
  if (instance.sku.toLowerCase() !== model.sku.toLowerCase()) {
    const message = `the instance has VM size ${instance.sku}, and the model ${model.sku}. Let AKS replace the node`;
    return { state: "awaiting-aks", reason: "sku-differs", message };
  }
  return undefined;
}

function noEffect({ currentExtension, remembered, marker }: InstanceContext): ReturnType<Row> {
  const attempts = remembered?.attempts;
  const isMissing = !currentExtension && attempts?.marker === marker && attempts?.succeeded;
  const message = "the upgrade succeeded, but the instance does not have the extension. The app upgrades it again";
  return isMissing ? { state: "no-effect", message } : undefined;
}

function failed({ currentExtension, remembered, marker }: InstanceContext): ReturnType<Row> {
  if (currentExtension?.state !== "failed" || marker === undefined) return undefined;
  if (failedMarkerOf(currentExtension, remembered) !== marker) return undefined;
  const { message } = currentExtension;
  return { state: "failed", reason: `cause-${failureCause(message)}`, message };
}

/**
 * Returns the marker that failed: from the tag if ARM returns it, else of the last attempt, else of the model at
 * provisioning.
 */
function failedMarkerOf(
  currentExtension: InstanceExtension,
  remembered: InstanceMemory | undefined,
): string | undefined {
  return currentExtension.tag?.marker ?? remembered?.attempts?.marker ?? remembered?.failedMarker;
}

function unproven({ currentExtension, remembered }: InstanceContext): ReturnType<Row> {
  const isUnproven =
    currentExtension?.state === "succeeded" && carriedMarker(currentExtension, remembered) === undefined;
  return isUnproven ? { state: "unproven" } : undefined;
}
