import type { VirtualMachineScaleSet, VirtualMachineScaleSetVM } from "@azure/arm-compute";
import type * as v from "valibot";
import { parseNodeName, parseScaleSetId } from "../../model/ids.ts";
import { textIn } from "../../model/json.ts";
import type { Instance, ModelExtension, ScaleSetModel } from "../../model/scale-set.ts";
import { parseResponse } from "../parse-response.ts";
import {
  instance,
  type RawModelExtension,
  type RawScaleSet,
  type Resource,
  scaleSet,
  type Status,
} from "./compute-schemas.ts";
import { parseTag } from "./extension-tag.ts";
import { describeImage } from "./image.ts";
import { digestModel } from "./model-digest.ts";
import { toInstanceExtension } from "./to-instance-extension.ts";

/** The tag of a scale set in which AKS stores the name of the node pool. */
const POOL_TAG = "aks-managed-poolname";

/** Converts a scale set from the SDK's type to the app's. Throws a TypeError that names what cannot be read. */
export function toScaleSet(raw: VirtualMachineScaleSet): ScaleSetModel {
  const parsed = parseResponse(scaleSet, raw, `scale set ${textIn(raw, "name") ?? ""}`);
  const pool = Object.entries(parsed.tags ?? {}).find(([key]) => key.toLowerCase() === POOL_TAG)?.[1];
  return {
    id: parseScaleSetId(parsed.id),
    name: parsed.name,
    pool,
    etag: parsed.etag,
    provisioningState: parsed.provisioningState ?? "",
    upgradeMode: parsed.upgradePolicy?.mode ?? "",
    orchestrationMode: parsed.orchestrationMode ?? "Uniform",
    sku: parsed.sku?.name,
    digest: digestModel(raw),
    ...toModel(parsed.virtualMachineProfile),
  };
}

function toModel(
  profile: RawScaleSet["virtualMachineProfile"],
): Pick<ScaleSetModel, "isWindows" | "image" | "extensions"> {
  const { storageProfile, extensionProfile } = profile ?? {};
  return {
    isWindows: storageProfile?.osDisk?.osType === "Windows",
    image: describeImage(storageProfile?.imageReference),
    extensions: (extensionProfile?.extensions ?? []).map(toModelExtension),
  };
}

function toModelExtension(raw: RawModelExtension): ModelExtension {
  return {
    name: raw.name,
    publisher: raw.publisher ?? "",
    type: raw.typePropertiesType ?? "",
    typeHandlerVersion: raw.typeHandlerVersion ?? "",
    autoUpgradeMinorVersion: raw.autoUpgradeMinorVersion ?? false,
    enableAutomaticUpgrade: raw.enableAutomaticUpgrade ?? false,
    suppressFailures: raw.suppressFailures ?? false,
    provisionAfterExtensions: raw.provisionAfterExtensions,
    settings: raw.settings,
    tag: parseTag(raw.forceUpdateTag),
  };
}

/**
 * Converts an instance of a list with `$expand=instanceView`. The view of a deallocated one has only a power state.
 * Throws a TypeError that names what cannot be read.
 */
export function toInstance(raw: VirtualMachineScaleSetVM): Instance {
  const parsed = parseResponse(instance, raw, `instance ${textIn(raw, "name") ?? ""}`);
  return {
    id: parsed.instanceId,
    vmId: parsed.vmId,
    node: parseNodeName(parsed.osProfile?.computerName ?? parsed.name ?? ""),
    provisioningState: parsed.provisioningState ?? "",
    latestModelApplied: parsed.latestModelApplied === true,
    image: describeImage(parsed.storageProfile?.imageReference),
    sku: parsed.sku?.name,
    protectedFromScaleSetActions: parsed.protectionPolicy?.protectFromScaleSetActions === true,
    ...toView(parsed),
  };
}

function toView({
  instanceView,
  resources,
}: v.InferOutput<typeof instance>): Pick<Instance, "isRunning" | "agentReady" | "extensions"> {
  const { statuses = [], vmAgent, extensions = [] } = instanceView ?? {};
  const byName = new Map(resources.map((each) => [nameOf(each), each]));
  return {
    isRunning: statuses.some(({ code }) => code?.toLowerCase() === "powerstate/running"),
    agentReady: vmAgent?.statuses.some(isReady) ?? false,
    extensions: extensions.map((each) => toInstanceExtension(each, byName.get(each.name))),
  };
}

function isReady({ code, displayStatus }: Status): boolean {
  return /^ready$/i.test(displayStatus ?? "") || /^provisioningstate\/succeeded$/i.test(code ?? "");
}

function nameOf({ name, id }: Resource): string {
  const path = name ?? id ?? "";
  return path.slice(path.lastIndexOf("/") + 1);
}
