import { isMoving } from "../model/cluster.ts";
import { AKS_EXTENSION_NAME, EXTENSION_NAME } from "../model/extension.ts";
import type { FailureCause, Reason } from "../model/reason.ts";
import type { Instance, InstanceExtension, ScaleSetModel } from "../model/scale-set.ts";
import { type EpochMs, MINUTE_MS } from "../model/time.ts";
import type { InstanceState } from "../model/verdict.ts";
import type { InstanceMemory, ScaleSetMemory } from "./memory.ts";

/** After AKS's own time budget for all extensions (PT16M) twice over, a run is taken to hang. */
const STUCK_AFTER_MS = 32 * MINUTE_MS;

/** What is thought of one instance. */
export interface InstanceVerdict {
  readonly instance: Instance;
  readonly state: InstanceState;
  readonly reason?: Reason;
  readonly message?: string;
}

/** What an instance is held against. */
interface ClassifyContext {
  /** The marker that it should carry; undefined while none is wanted. */
  readonly marker: string | undefined;
  readonly model: ScaleSetModel;
  readonly memory: ScaleSetMemory;
  readonly now: EpochMs;
}

/** One instance with all that the rows look at. */
interface InstanceContext extends ClassifyContext {
  readonly instance: Instance;
  readonly remembered: InstanceMemory | undefined;
  readonly currentExtension: InstanceExtension | undefined;
  /** Named by an operation of ours that runs. */
  readonly isNamed: boolean;
}

type Row = (ctx: InstanceContext) => Omit<InstanceVerdict, "instance"> | undefined;

/**
 * First row that fits:
 *
 *     observed                                                            verdict
 *     --------                                                            -------
 *     not running, going, agent silent; not provisioned yet; failed       unknown
 *       for another reason than our extension
 *     our extension transitioning, or named by an operation of ours       installing, after 32 minutes stuck
 *     succeeded with the wanted marker                                    current
 *     vmssCSE not succeeded, where the model has it                       awaiting-aks
 *     protected from scale set actions                                    protected
 *     image or SKU other than the model's                                 awaiting-aks
 *     missing although an upgrade to this marker succeeded                no-effect
 *     failed, last attempted with or provisioned from this marker         failed
 *     succeeded, marker unknown                                           unproven
 *     missing, failed under another marker, or with another marker        stale
 */
const ROWS: readonly Row[] = [unknown, installing, current, awaitingCse, guarded, unclean, noEffect, failed, unproven];

/** Gives one instance its verdict; decides no action. */
export function classifyInstance(instance: Instance, standard: ClassifyContext): InstanceVerdict {
  const { operation } = standard.memory;
  const ctx: InstanceContext = {
    ...standard,
    instance,
    remembered: standard.memory.instances[instance.vmId],
    currentExtension: instance.extensions.find((each) => each.name === EXTENSION_NAME),
    isNamed: operation?.state === "running" && operation.instances.includes(instance.vmId),
  };
  for (const row of ROWS) {
    const verdict = row(ctx);
    if (verdict) return { instance, ...verdict };
  }
  return { instance, state: "outdated" };
}

/** The marker that an instance carries, as far as ARM shows it or memory saw it. */
export function carriedMarker(ours: InstanceExtension, remembered: InstanceMemory | undefined): string | undefined {
  return ours.tag?.marker ?? remembered?.marker;
}

/** What made our extension fail, by the words of the handler and the agent (texts seen in public reports). */
export function failureCause(message: string): FailureCause {
  if (/depends upon the VM Extension/i.test(message)) return "dependency";
  if (/error downloading/i.test(message)) return "download";
  if (
    /timed out|VMExtensionProvisioningTimeout|agent (is )?not (ready|report)|handler.{0,40}not report/i.test(message)
  ) {
    return "agent";
  }
  return "package";
}

function unknown(ctx: InstanceContext): ReturnType<Row> {
  const { instance, currentExtension, isNamed } = ctx;
  if (!instance.isRunning) return { state: "unknown", message: "not running" };
  if (/^deleting$/i.test(instance.provisioningState)) return { state: "unknown", message: "being deleted" };
  if (isMoving(instance.provisioningState) && !currentExtension && !isNamed) {
    return { state: "unknown", message: "not provisioned yet" };
  }
  if (!instance.agentReady && !isNamed) return { state: "unknown", message: "its VM agent does not answer" };
  return hasFailedElsewhere(ctx) ? { state: "unknown", message: "failed, not by our extension alone" } : undefined;
}

function hasFailedElsewhere({ instance, currentExtension }: InstanceContext): boolean {
  if (!/^failed$/i.test(instance.provisioningState)) return false;
  const failures = instance.extensions.filter((each) => each.state === "failed");
  return failures.length !== 1 || failures[0] !== currentExtension;
}

function installing({ instance, currentExtension, isNamed, memory, now }: InstanceContext): ReturnType<Row> {
  if (currentExtension?.state !== "transitioning" && !isNamed) return undefined;
  const since = isNamed ? memory.operation?.submittedAt : currentExtension?.at;
  const isStuck = since !== undefined && now - since > STUCK_AFTER_MS;
  return isStuck
    ? { state: "stuck", message: `for more than 32 minutes on ${instance.node}` }
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
  return { state: "awaiting-aks", reason: "vmss-cse", message: `${AKS_EXTENSION_NAME} is ${cse?.state ?? "missing"}` };
}

function guarded({ instance }: InstanceContext): ReturnType<Row> {
  return instance.protectedFromScaleSetActions ? { state: "protected" } : undefined;
}

/** `manualupgrade` applies the whole model: with another image or SKU it would wipe a node that AKS did not drain. */
function unclean({ instance, model }: InstanceContext): ReturnType<Row> {
  if (instance.image !== model.image) {
    const message = `it has image ${instance.image}, the model ${model.image}`;
    return { state: "awaiting-aks", reason: "image-differs", message };
  }
  if (instance.sku.toLowerCase() !== model.sku.toLowerCase()) {
    return { state: "awaiting-aks", reason: "sku-differs", message: `it is ${instance.sku}, the model ${model.sku}` };
  }
  return undefined;
}

function noEffect({ currentExtension, remembered, marker }: InstanceContext): ReturnType<Row> {
  const attempts = remembered?.attempts;
  const isWithout = !currentExtension && attempts?.marker === marker && attempts?.succeeded;
  return isWithout ? { state: "no-effect", message: "an upgrade succeeded and left no extension behind" } : undefined;
}

function failed({ currentExtension, remembered, marker }: InstanceContext): ReturnType<Row> {
  if (currentExtension?.state !== "failed" || marker === undefined) return undefined;
  if (failedUnder(currentExtension, remembered) !== marker) return undefined;
  const { message } = currentExtension;
  return { state: "failed", reason: `cause-${failureCause(message)}`, message };
}

/** The marker of the run that failed: shown by ARM, or of the last attempt, or of the model that it was made from. */
function failedUnder(ours: InstanceExtension, remembered: InstanceMemory | undefined): string | undefined {
  return ours.tag?.marker ?? remembered?.attempts?.marker ?? remembered?.failedMarker;
}

function unproven({ currentExtension, remembered }: InstanceContext): ReturnType<Row> {
  const isUnproven =
    currentExtension?.state === "succeeded" && carriedMarker(currentExtension, remembered) === undefined;
  return isUnproven ? { state: "unproven" } : undefined;
}
