import type { ComputeManagementClient, ComputeManagementClientOptionalParams } from "@azure/arm-compute";
import type { TokenCredential } from "@azure/identity";
import { type DesiredExtension, DSC_PUBLISHER, DSC_TYPE, EXTENSION_NAME } from "../../model/extension.ts";
import { type ScaleSetId, splitId } from "../../model/ids.ts";
import { redact } from "../../model/redact.ts";
import type { Instance, OwnOperation, ScaleSetModel } from "../../model/scale-set.ts";
import { runCall } from "../errors.ts";
import { oncePer } from "../once-per.ts";
import { formatTag } from "./extension-tag.ts";
import { ArmResponseError } from "./pipeline-policies.ts";
import { toInstance, toScaleSet } from "./to-scale-set.ts";

/** How a node downloads the package. A signed link is a secret: the app passes it to one call and does not store it. */
export interface PackageLink {
  /** The SAS query with its `?`, which the DSC handler appends to the package's URL. Undefined for anonymous access. */
  readonly query: string | undefined;
  readonly expiresAt: Date | undefined;
}

/** The calls that the app makes to Azure Compute. A write does not wait: it returns its serialized operation. */
export interface ScaleSetClient {
  list(subscription: string, resourceGroup: string, signal: AbortSignal): Promise<readonly ScaleSetModel[]>;
  read(id: ScaleSetId, signal: AbortSignal): Promise<ScaleSetModel>;
  listInstances(id: ScaleSetId, signal: AbortSignal): Promise<readonly Instance[]>;
  putExtension(id: ScaleSetId, extension: DesiredExtension, link: PackageLink, signal: AbortSignal): Promise<string>;
  deleteExtension(id: ScaleSetId, signal: AbortSignal): Promise<string>;
  upgradeInstances(id: ScaleSetId, instanceIds: readonly string[], signal: AbortSignal): Promise<string>;
  readOperation(id: ScaleSetId, operation: string, signal: AbortSignal): Promise<OwnOperation>;
}

/** The credential and the options for the clients of the management SDKs. */
export interface ArmOptions {
  readonly credential: () => Promise<TokenCredential>;
  readonly options: ComputeManagementClientOptionalParams;
}

/** Creates the client. It creates the SDK client of a subscription at the first use and keeps it. */
export function createScaleSetClient({ credential, options }: ArmOptions): ScaleSetClient {
  const clientOf = oncePer(async (subscription): Promise<ComputeManagementClient> => {
    const { ComputeManagementClient: Client } = await import("../sdk/compute.ts");
    return new Client(await credential(), subscription, options);
  });

  return {
    list: (subscription, resourceGroup, signal) =>
      runCall(`list scale sets of ${resourceGroup}`, async () => {
        const compute = await clientOf(subscription);
        const pages = compute.virtualMachineScaleSets.list(resourceGroup, { abortSignal: signal });
        return (await collect(pages, signal)).map(toScaleSet);
      }),

    read: (id, signal) =>
      runCall(`read scale set ${splitId(id).name}`, async () => {
        const { subscription, resourceGroup, name } = splitId(id);
        const compute = await clientOf(subscription);
        return toScaleSet(await compute.virtualMachineScaleSets.get(resourceGroup, name, { abortSignal: signal }));
      }),

    listInstances: (id, signal) =>
      runCall(`list instances of ${splitId(id).name}`, async () => {
        const { subscription, resourceGroup, name } = splitId(id);
        const compute = await clientOf(subscription);
        const options = { expand: "instanceView", abortSignal: signal };
        return (await collect(compute.virtualMachineScaleSetVMs.list(resourceGroup, name, options), signal)).map(
          toInstance,
        );
      }),

    ...createWrites(clientOf),

    readOperation: (id, operation, signal) =>
      runCall(`read operation on ${splitId(id).name}`, async () => {
        return readOperation(await clientOf(splitId(id).subscription), operation, signal);
      }),
  };
}

type Write = "putExtension" | "deleteExtension" | "upgradeInstances";

/** Returns the calls that change a scale set. */
function createWrites(
  clientOf: (subscription: string) => Promise<ComputeManagementClient>,
): Pick<ScaleSetClient, Write> {
  return {
    putExtension: (id, extension, link, signal) =>
      runCall(`put extension on ${splitId(id).name}`, async () => {
        const { subscription, resourceGroup, name } = splitId(id);
        const { virtualMachineScaleSetExtensions: extensions } = await clientOf(subscription);
        const poller = extensions.createOrUpdate(resourceGroup, name, EXTENSION_NAME, extensionBody(extension, link), {
          abortSignal: signal,
        });
        return submit(poller);
      }),

    deleteExtension: (id, signal) =>
      runCall(`delete extension on ${splitId(id).name}`, async () => {
        const { subscription, resourceGroup, name } = splitId(id);
        const { virtualMachineScaleSetExtensions: extensions } = await clientOf(subscription);
        return submit(extensions.delete(resourceGroup, name, EXTENSION_NAME, { abortSignal: signal }));
      }),

    upgradeInstances: (id, instanceIds, signal) =>
      runCall(`upgrade instances of ${splitId(id).name}`, async () => {
        const { subscription, resourceGroup, name } = splitId(id);
        const { virtualMachineScaleSets: scaleSets } = await clientOf(subscription);
        return submit(
          scaleSets.updateInstances(resourceGroup, name, { instanceIds: [...instanceIds] }, { abortSignal: signal }),
        );
      }),
  };
}

/**
 * Returns the items of all pages. Checks the signal for each item, because the SDK checks it on the first page only.
 */
async function collect<T>(items: AsyncIterable<T>, signal: AbortSignal): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) {
    signal.throwIfAborted();
    found.push(item);
  }
  return found;
}

/** Returns the request body. The SDK names the handler's type `typePropertiesType` and silently drops a `type`. */
function extensionBody(extension: DesiredExtension, link: PackageLink) {
  return {
    publisher: DSC_PUBLISHER,
    typePropertiesType: DSC_TYPE,
    typeHandlerVersion: extension.typeHandlerVersion,
    autoUpgradeMinorVersion: true,
    suppressFailures: true,
    provisionAfterExtensions: [...extension.provisionAfterExtensions],
    forceUpdateTag: formatTag(extension, link.expiresAt),
    settings: extension.settings,
    ...(link.query !== undefined && { protectedSettings: { configurationUrlSasToken: link.query } }),
  };
}

interface Submittable {
  submitted(): Promise<void>;
  serialize(): Promise<string>;
}

async function submit(poller: Submittable): Promise<string> {
  await poller.submitted();
  return poller.serialize();
}

/**
 * Returns the state of a long-running operation after one poll. The SDK throws for a failed operation as it does for a
 * failed request; only the first is a state. ARM deletes finished operations after some time and then responds 404.
 */
async function readOperation(
  compute: ComputeManagementClient,
  operation: string,
  abortSignal: AbortSignal,
): Promise<OwnOperation> {
  const { restorePoller } = await import("../sdk/compute.ts");
  // The SDK selects the deserializer by the operation's URL; it uses the method given here only in error messages.
  const poller = restorePoller(compute, operation, compute.virtualMachineScaleSets.updateInstances, { abortSignal });
  try {
    await poller.poll();
  } catch (error) {
    if (error instanceof ArmResponseError) {
      if (error.statusCode === 404) return { state: "unknown" };
      throw error;
    }
    const status = poller.operationState?.status;
    if (status !== "failed" && status !== "canceled") throw error;
    return { state: "failed", error: redact(error instanceof Error ? error.message : status) };
  }
  return { state: poller.operationState?.status === "succeeded" ? "succeeded" : "running" };
}
