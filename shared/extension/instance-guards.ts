import { isDeleting, isMoving } from "../model/cluster.ts";
import { AKS_EXTENSION_NAME, EXTENSION_NAME } from "../model/extension.ts";
import { canonicalJson } from "../model/json.ts";
import type { Instance, ModelExtension } from "../model/scale-set.ts";
import { type EpochMs, MINUTE_MS } from "../model/time.ts";
import type { InstanceContext, InstanceRow } from "./instance-context.ts";

/** Twice the time that AKS allows for all extensions of an instance (PT16M). A longer run is considered stuck. */
const STUCK_AFTER_MS = 32 * MINUTE_MS;

/** AKS restarts some fresh nodes itself, after its own extension has ended. */
const FRESH_FOR_MS = 5 * MINUTE_MS;

export const notRunning: InstanceRow = ({ instance }) => {
  if (!instance.isRunning) return { state: "not-running", message: "the VM is not running" };
  if (!isDeleting(instance.provisioningState)) return undefined;
  return { state: "not-running", message: "the VM is being deleted" };
};

export const unknown: InstanceRow = (ctx) => {
  const { instance, run, isUpgrading } = ctx;
  if (isMoving(instance.provisioningState) && !run && !isUpgrading) {
    const message = `the instance is ${instance.provisioningState} and does not have the extension yet`;
    return { state: "unknown", message };
  }
  if (!instance.agentReady && !isUpgrading) return { state: "unknown", message: "the VM agent is not ready" };
  if (!hasOtherFailure(ctx)) return undefined;
  const message = "the instance is Failed, and this app's extension is not the only cause. Check its instance view";
  return { state: "unknown", message };
};

/** Returns whether the instance is Failed, and not only because of our extension. */
function hasOtherFailure({ instance, run }: InstanceContext): boolean {
  if (!/^failed$/i.test(instance.provisioningState)) return false;
  const others = instance.extensions.filter((each) => each.state === "failed" && each.name !== EXTENSION_NAME);
  return others.length > 0 || run?.state !== "failed";
}

export const installing: InstanceRow = ({ run, isUpgrading, remembered, now }) => {
  if (run?.state !== "transitioning" && !isUpgrading) return undefined;
  return isStuckSince(remembered?.installingSince ?? now, now)
    ? { state: "failed", reason: "stuck", message: "the extension has been installing for more than 32 minutes" }
    : { state: "installing" };
};

/** Returns whether an installation that began then is considered stuck. */
export function isStuckSince(since: EpochMs, now: EpochMs): boolean {
  return now - since > STUCK_AFTER_MS;
}

export const awaitingCse: InstanceRow = ({ instance, model, now }) => {
  if (!model.extensions.some((each) => each.name === AKS_EXTENSION_NAME)) return undefined;
  const cse = instance.extensions.find((each) => each.name === AKS_EXTENSION_NAME);
  const settledAt = (cse?.at ?? 0) + FRESH_FOR_MS;
  if (cse?.state === "succeeded" && now >= settledAt) return undefined;
  if (cse?.state === "succeeded") {
    const message = `AKS's extension ${AKS_EXTENSION_NAME} succeeded less than 5 minutes ago`;
    return { state: "awaiting-aks", reason: "vmss-cse", message, requeueAt: settledAt };
  }
  const message = `AKS's extension ${AKS_EXTENSION_NAME} ${cse ? `has state ${cse.state}` : "is missing"}`;
  return { state: "awaiting-aks", reason: "vmss-cse", message };
};

/** A Node that is not Ready, or has just joined, belongs to AKS. Without a recent fact of it, nothing is known. */
export const awaitingNode: InstanceRow = ({ instance, nodes, now }) => {
  const node = nodes?.nodes.get(instance.node);
  if (!node) return undefined;
  if (node.ready !== "True") {
    const message = `its Node has Ready ${node.ready}`;
    return { state: "awaiting-aks", reason: "node-not-ready", message };
  }
  const settledAt = node.createdAt + FRESH_FOR_MS;
  if (now >= settledAt) return undefined;
  const message = "its Node is less than 5 minutes old";
  return { state: "awaiting-aks", reason: "node-not-ready", message, requeueAt: settledAt };
};

export const protectedInstance: InstanceRow = ({ instance }) => {
  return instance.protectedFromScaleSetActions ? { state: "protected" } : undefined;
};

const UNREADABLE = "(not readable)";

/**
 * `manualupgrade` applies the whole model: with another image or VM size it would reimage a node that AKS has not
 * drained, and with other settings of vmssCSE it would run the bootstrap of a live node again. What cannot be read is
 * not equal; but for extensions it is, because ARM does not always show their settings.
 */
export const differsFromModel: InstanceRow = ({ instance, model }) => {
  if (!isEqual(instance.image, model.image)) {
    const message =
      `the instance has image ${instance.image ?? UNREADABLE}, and the model ${model.image ?? UNREADABLE}. ` +
      "Let AKS upgrade the node: az aks nodepool upgrade --node-image-only";
    return { state: "awaiting-aks", reason: "image-differs", message };
  }
  if (!isEqual(instance.sku, model.sku)) {
    const message =
      `the instance has VM size ${instance.sku ?? UNREADABLE}, and the model ${model.sku ?? UNREADABLE}. ` +
      "Let AKS replace the node";
    return { state: "awaiting-aks", reason: "size-differs", message };
  }
  const rewritten = model.extensions.find((each) => isAksOwn(each) && hasOtherSettings(each, instance));
  if (!rewritten) return undefined;
  const message =
    `AKS's extension ${rewritten.name} has other settings in the model than on the instance. ` +
    "Let AKS apply them: az aks nodepool upgrade --node-image-only";
  return { state: "awaiting-aks", reason: "aks-extension-differs", message };
};

/** Returns whether AKS itself adds an extension: vmssCSE, whose publisher depends on the OS, or one of Microsoft.AKS. */
function isAksOwn({ name, publisher }: ModelExtension): boolean {
  return name === AKS_EXTENSION_NAME || publisher.toLowerCase() === "microsoft.aks";
}

/** Returns whether the settings are shown in both places and differ: an upgrade would run the extension again. */
function hasOtherSettings({ name, settings }: ModelExtension, { extensions }: Instance): boolean {
  const applied = extensions.find((each) => each.name === name)?.settings;
  return settings !== undefined && applied !== undefined && canonicalJson(settings) !== canonicalJson(applied);
}

function isEqual(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && a.toLowerCase() === b?.toLowerCase();
}
