import type {
  ImageReference,
  InstanceViewStatus,
  VirtualMachineExtensionInstanceView,
  VirtualMachineScaleSet,
  VirtualMachineScaleSetExtension,
  VirtualMachineScaleSetVM,
} from "@azure/arm-compute";
import { parseNodeName, parseScaleSetId } from "../model/resource-id.ts";
import type { Instance, InstanceExtension, ModelExtension, ScaleSetModel } from "../model/scale-set.ts";
import { redact } from "../redact.ts";
import { parseTag } from "./extension-tag.ts";

/** AKS writes the pool's name into this tag of each of its scale sets. */
const POOL_TAG = "aks-managed-poolname";

/** A scale set as ARM answers it, in the app's words. */
export function asScaleSet(raw: VirtualMachineScaleSet): ScaleSetModel {
  const profile = raw.virtualMachineProfile;
  const pool = Object.entries(raw.tags ?? {}).find(([key]) => key.toLowerCase() === POOL_TAG)?.[1];
  return {
    id: parseScaleSetId(raw.id ?? ""),
    name: raw.name ?? "",
    pool,
    isWindows: profile?.storageProfile?.osDisk?.osType === "Windows",
    etag: raw.etag,
    provisioningState: raw.provisioningState ?? "",
    upgradeMode: raw.upgradePolicy?.mode ?? "",
    orchestrationMode: raw.orchestrationMode ?? "Uniform",
    image: imageText(profile?.storageProfile?.imageReference),
    sku: raw.sku?.name ?? "",
    capacity: raw.sku?.capacity ?? 0,
    extensions: (profile?.extensionProfile?.extensions ?? []).map(asModelExtension),
  };
}

function asModelExtension(raw: VirtualMachineScaleSetExtension): ModelExtension {
  return {
    name: raw.name ?? "",
    publisher: raw.publisher ?? "",
    type: raw.typePropertiesType ?? "",
    typeHandlerVersion: raw.typeHandlerVersion ?? "",
    autoUpgradeMinorVersion: raw.autoUpgradeMinorVersion ?? false,
    enableAutomaticUpgrade: raw.enableAutomaticUpgrade ?? false,
    suppressFailures: raw.suppressFailures ?? false,
    provisionAfterExtensions: raw.provisionAfterExtensions ?? [],
    settings: raw.settings,
    tag: parseTag(raw.forceUpdateTag),
  };
}

/** An instance of a list with `$expand=instanceView`. A deallocated one has a power state and nothing else. */
export function asInstance(raw: VirtualMachineScaleSetVM): Instance {
  const view = raw.instanceView;
  const codes = (view?.statuses ?? []).map((status) => (status.code ?? "").toLowerCase());
  const tags = new Map(
    (raw.resources ?? []).map((each) => [lastPart(each.name ?? each.id ?? ""), each.forceUpdateTag]),
  );
  return {
    id: raw.instanceId ?? "",
    vmId: raw.vmId ?? "",
    node: parseNodeName(raw.osProfile?.computerName ?? view?.computerName ?? raw.name ?? ""),
    provisioningState: raw.provisioningState ?? "",
    isRunning: codes.includes("powerstate/running"),
    agentReady: (view?.vmAgent?.statuses ?? []).some(isReady),
    latestModelApplied: raw.latestModelApplied ?? false,
    image: imageText(raw.storageProfile?.imageReference),
    sku: raw.sku?.name ?? "",
    protectedFromScaleSetActions: raw.protectionPolicy?.protectFromScaleSetActions ?? false,
    extensions: (view?.extensions ?? []).map((each) => asInstanceExtension(each, tags.get(each.name ?? ""))),
  };
}

function isReady({ code, displayStatus }: InstanceViewStatus): boolean {
  return /^ready$/i.test(displayStatus ?? "") || /^provisioningstate\/succeeded$/i.test(code ?? "");
}

function asInstanceExtension(raw: VirtualMachineExtensionInstanceView, tag: string | undefined): InstanceExtension {
  const status = raw.statuses?.[0];
  return {
    name: raw.name ?? "",
    handler: raw.type ?? "",
    state: extensionState(status?.code ?? ""),
    message: redact(status?.message ?? ""),
    log: (raw.substatuses ?? []).flatMap((each) => redact(each.message ?? "").split(/\r?\n/)),
    at: status?.time?.getTime(),
    tag: parseTag(tag),
  };
}

/** `ProvisioningState/succeeded`, `…/failed/1004`, `…/transitioning` and its likes. */
function extensionState(code: string): InstanceExtension["state"] {
  if (/^provisioningstate\/succeeded/i.test(code)) return "succeeded";
  return /^provisioningstate\/failed/i.test(code) ? "failed" : "transitioning";
}

/** One text per image, comparable between model and instance; ids are compared without case. */
function imageText(image: ImageReference | undefined): string {
  if (image?.id) return image.id.toLowerCase();
  const { publisher, offer, sku, version, exactVersion } = image ?? {};
  return [publisher, offer, sku, exactVersion ?? version].join(":").toLowerCase();
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
