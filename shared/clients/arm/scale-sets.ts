import type { ComputeManagementClient, ComputeManagementClientOptionalParams } from "@azure/arm-compute";
import type { TokenCredential } from "@azure/identity";
import { type DesiredExtension, DSC_PUBLISHER, DSC_TYPE, EXTENSION_NAME } from "../../model/extension.ts";
import { type ScaleSetId, splitId } from "../../model/ids.ts";
import { redact } from "../../model/redact.ts";
import type { Instance, OwnOperation, ScaleSetModel } from "../../model/scale-set.ts";
import { calling } from "../errors.ts";
import { oncePer } from "../once-per.ts";
import { formatTag } from "./extension-tag.ts";
import { RefusedCall } from "./refused-call.ts";
import { toInstance, toScaleSet } from "./to-scale-set.ts";

/** How the package is downloaded; it lives in one call. */
export interface PackageLink {
  /** Begins with `?`: the handler appends it to the package's address as it is. Undefined for an anonymous package. */
  readonly query: string | undefined;
  readonly expiresAt: Date | undefined;
}

/** All that this app asks of Azure Compute. Writes are submitted: they return the operation, serialized. */
export interface ScaleSetClient {
  list(subscription: string, resourceGroup: string, signal: AbortSignal): Promise<readonly ScaleSetModel[]>;
  read(id: ScaleSetId, signal: AbortSignal): Promise<ScaleSetModel>;
  listInstances(id: ScaleSetId, signal: AbortSignal): Promise<readonly Instance[]>;
  putExtension(id: ScaleSetId, extension: DesiredExtension, link: PackageLink, signal: AbortSignal): Promise<string>;
  upgradeInstances(id: ScaleSetId, instanceIds: readonly string[], signal: AbortSignal): Promise<string>;
  readOperation(id: ScaleSetId, operation: string, signal: AbortSignal): Promise<OwnOperation>;
}

/** What the management SDKs' clients are made with; `httpClient` is where a transport is put in its place. */
export interface ArmOptions {
  readonly credential: () => Promise<TokenCredential>;
  readonly options: ComputeManagementClientOptionalParams;
}

/** One SDK client per subscription, made at its first use. */
export function createScaleSetClient({ credential, options }: ArmOptions): ScaleSetClient {
  const clientOf = oncePer(async (subscription): Promise<ComputeManagementClient> => {
    const { ComputeManagementClient: Client } = await import("../sdk/compute.ts");
    return new Client(await credential(), subscription, options);
  });

  return {
    list: (subscription, resourceGroup, signal) =>
      calling(`list scale sets of ${resourceGroup}`, async () => {
        const compute = await clientOf(subscription);
        const pages = compute.virtualMachineScaleSets.list(resourceGroup, { abortSignal: signal });
        return (await collect(pages, signal)).map(toScaleSet);
      }),

    read: (id, signal) =>
      calling(`read scale set ${splitId(id).name}`, async () => {
        const { subscription, resourceGroup, name } = splitId(id);
        const compute = await clientOf(subscription);
        return toScaleSet(await compute.virtualMachineScaleSets.get(resourceGroup, name, { abortSignal: signal }));
      }),

    listInstances: (id, signal) =>
      calling(`list instances of ${splitId(id).name}`, async () => {
        const { subscription, resourceGroup, name } = splitId(id);
        const compute = await clientOf(subscription);
        const options = { expand: "instanceView", abortSignal: signal };
        return (await collect(compute.virtualMachineScaleSetVMs.list(resourceGroup, name, options), signal)).map(
          toInstance,
        );
      }),

    putExtension: (id, extension, link, signal) =>
      calling(`put extension on ${splitId(id).name}`, async () => {
        const { subscription, resourceGroup, name } = splitId(id);
        const { virtualMachineScaleSetExtensions: extensions } = await clientOf(subscription);
        const poller = extensions.createOrUpdate(resourceGroup, name, EXTENSION_NAME, bodyOf(extension, link), {
          abortSignal: signal,
        });
        return submit(poller);
      }),

    upgradeInstances: (id, instanceIds, signal) =>
      calling(`upgrade ${instanceIds.length} instances of ${splitId(id).name}`, async () => {
        const { subscription, resourceGroup, name } = splitId(id);
        const { virtualMachineScaleSets: scaleSets } = await clientOf(subscription);
        return submit(
          scaleSets.updateInstances(resourceGroup, name, { instanceIds: [...instanceIds] }, { abortSignal: signal }),
        );
      }),

    readOperation: (id, operation, signal) =>
      calling(`read our operation on ${splitId(id).name}`, async () => {
        return readOperation(await clientOf(splitId(id).subscription), operation, signal);
      }),
  };
}

/** The SDK looks at the signal on the first page only. */
async function collect<T>(items: AsyncIterable<T>, signal: AbortSignal): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) {
    signal.throwIfAborted();
    found.push(item);
  }
  return found;
}

/** The SDK calls the handler's type `typePropertiesType`; a `type` would be dropped without a word. */
function bodyOf(extension: DesiredExtension, link: PackageLink) {
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

/** Asks once. The SDK throws for an operation that failed as it does for a call that failed; ARM forgets operations after a while. */
async function readOperation(
  compute: ComputeManagementClient,
  operation: string,
  abortSignal: AbortSignal,
): Promise<OwnOperation> {
  const { restorePoller } = await import("../sdk/compute.ts");
  // The SDK finds the deserializer by the operation's address; the method named here is only for its messages.
  const poller = restorePoller(compute, operation, compute.virtualMachineScaleSets.updateInstances, { abortSignal });
  try {
    await poller.poll();
  } catch (error) {
    if (error instanceof RefusedCall) {
      if (error.statusCode === 404) return { state: "unknown" };
      throw error;
    }
    const status = poller.operationState?.status;
    if (status !== "failed" && status !== "canceled") throw error;
    return { state: "failed", error: redact(error instanceof Error ? error.message : status) };
  }
  return { state: poller.operationState?.status === "succeeded" ? "succeeded" : "running" };
}
