import type {
  InstanceViewStatus,
  VirtualMachineExtensionInstanceView,
  VirtualMachineScaleSet,
  VirtualMachineScaleSetExtension,
  VirtualMachineScaleSetVM,
} from "@azure/arm-compute";
import { parseNodeName, parseScaleSetId } from "../../model/ids.ts";
import { redact } from "../../model/redact.ts";
import type { Instance, InstanceExtension, ModelExtension, ScaleSetModel } from "../../model/scale-set.ts";
import { parseTag } from "./extension-tag.ts";
import { describeImage } from "./image.ts";

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

function toView(
  { statuses = [], vmAgent, extensions = [] }: View,
  resources: NonNullable<VirtualMachineScaleSetVM["resources"]>,
): Pick<Instance, "isRunning" | "agentReady" | "extensions"> {
  const tags = new Map(resources.map(({ name, id, forceUpdateTag }) => [lastPart(name ?? id ?? ""), forceUpdateTag]));
  return {
    isRunning: statuses.some(({ code = "" }) => code.toLowerCase() === "powerstate/running"),
    agentReady: vmAgent?.statuses?.some(isReady) ?? false,
    extensions: extensions.map((each) => toInstanceExtension(each, tags.get(each.name ?? ""))),
  };
}

function isReady({ code, displayStatus }: InstanceViewStatus): boolean {
  return /^ready$/i.test(displayStatus ?? "") || /^provisioningstate\/succeeded$/i.test(code ?? "");
}

function toInstanceExtension(raw: VirtualMachineExtensionInstanceView, tag: string | undefined): InstanceExtension {
  const { name = "", statuses = [] } = raw;
  const [{ code = "", message = "", time } = {}] = statuses;
  return {
    name,
    state: extensionState(code),
    message: redact(message),
    at: time?.getTime(),
    tag: parseTag(tag),
  };
}

/** Returns the state for a status code, such as `ProvisioningState/succeeded` or `ProvisioningState/failed/1004`. */
function extensionState(code: string): InstanceExtension["state"] {
  if (/^provisioningstate\/succeeded/i.test(code)) return "succeeded";
  return /^provisioningstate\/failed/i.test(code) ? "failed" : "transitioning";
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
