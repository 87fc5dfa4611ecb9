import type {
  InstanceViewStatus,
  VirtualMachineScaleSet,
  VirtualMachineScaleSetExtension,
  VirtualMachineScaleSetVM,
} from "@azure/arm-compute";
import { parseNodeName, parseScaleSetId } from "../../model/ids.ts";
import type { Instance, ModelExtension, ScaleSetModel } from "../../model/scale-set.ts";
import { parseTag } from "./extension-tag.ts";
import { describeImage } from "./image.ts";
import { digestModel } from "./model-digest.ts";
import { toInstanceExtension } from "./to-instance-extension.ts";

/** The tag of a scale set in which AKS stores the name of the node pool. */
const POOL_TAG = "aks-managed-poolname";

type Profile = NonNullable<VirtualMachineScaleSet["virtualMachineProfile"]>;

/** Converts a scale set from the SDK's type to the app's. */
export function toScaleSet(raw: VirtualMachineScaleSet): ScaleSetModel {
  const pool = Object.entries(raw.tags ?? {}).find(([key]) => key.toLowerCase() === POOL_TAG)?.[1];
  return {
    id: parseScaleSetId(text(raw.id)),
    name: text(raw.name),
    pool,
    etag: raw.etag,
    provisioningState: text(raw.provisioningState),
    upgradeMode: text(raw.upgradePolicy?.mode),
    orchestrationMode: raw.orchestrationMode ?? "Uniform",
    sku: raw.sku?.name,
    digest: digestModel(raw),
    ...toModel(raw.virtualMachineProfile ?? {}),
  };
}

/** Returns an empty string for a property that ARM omits. */
function text(value: string | undefined): string {
  return value ?? "";
}

function toModel({
  storageProfile,
  extensionProfile,
}: Profile): Pick<ScaleSetModel, "isWindows" | "image" | "extensions"> {
  const { osDisk, imageReference } = storageProfile ?? {};
  const { extensions = [] } = extensionProfile ?? {};
  const isWindows = osDisk?.osType === "Windows";
  return { isWindows, image: describeImage(imageReference), extensions: extensions.map(toModelExtension) };
}

function toModelExtension(raw: VirtualMachineScaleSetExtension): ModelExtension {
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

type View = NonNullable<VirtualMachineScaleSetVM["instanceView"]>;

/** Converts an instance of a list with `$expand=instanceView`. The view of a deallocated one has only a power state. */
export function toInstance(raw: VirtualMachineScaleSetVM): Instance {
  return {
    id: text(raw.instanceId),
    vmId: text(raw.vmId),
    node: parseNodeName(text(raw.osProfile?.computerName ?? raw.name)),
    provisioningState: text(raw.provisioningState),
    latestModelApplied: raw.latestModelApplied === true,
    image: describeImage(raw.storageProfile?.imageReference),
    sku: raw.sku?.name,
    protectedFromScaleSetActions: raw.protectionPolicy?.protectFromScaleSetActions === true,
    ...toView(raw.instanceView ?? {}, raw.resources ?? []),
  };
}

type Resource = NonNullable<VirtualMachineScaleSetVM["resources"]>[number];

function toView(
  { statuses = [], vmAgent, extensions = [] }: View,
  resources: readonly Resource[],
): Pick<Instance, "isRunning" | "agentReady" | "extensions"> {
  const byName = new Map(resources.map((each) => [lastPart(each.name ?? each.id ?? ""), each]));
  return {
    isRunning: statuses.some(({ code = "" }) => code.toLowerCase() === "powerstate/running"),
    agentReady: vmAgent?.statuses?.some(isReady) ?? false,
    extensions: extensions.map((each) => toInstanceExtension(each, byName.get(each.name ?? ""))),
  };
}

function isReady({ code, displayStatus }: InstanceViewStatus): boolean {
  return /^ready$/i.test(displayStatus ?? "") || /^provisioningstate\/succeeded$/i.test(code ?? "");
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
