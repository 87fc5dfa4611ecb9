import type { Cluster } from "./simulators/arm/world.ts";
import type { EventGrid, Subscription } from "./simulators/event-grid.ts";
import type { FunctionsHost } from "./simulators/host/functions-host.ts";

/** The two event subscriptions that an operator makes: scale set writes of the node resource group, rolling events of AKS. */
export async function subscribe(
  events: { readonly arm: EventGrid; readonly aks: EventGrid },
  { subscription, nodeResourceGroup }: Cluster,
  { url, eventGridKey }: FunctionsHost,
  schema: Subscription["schema"],
): Promise<void> {
  const webhook = `${url}/runtime/webhooks/EventGrid?functionName=scaleSetEvent&code=${eventGridKey}`;
  await events.arm.subscribe({
    url: webhook,
    schema,
    includedEventTypes: ["Microsoft.Resources.ResourceWriteSuccess"],
    subjectBeginsWith: `/subscriptions/${subscription}/resourceGroups/${nodeResourceGroup}/providers/Microsoft.Compute/virtualMachineScaleSets`,
    operationNames: ["Microsoft.Compute/virtualMachineScaleSets/write"],
  });
  await events.aks.subscribe({
    url: webhook,
    schema,
    includedEventTypes: [
      "Microsoft.ContainerService.NodePoolRollingSucceeded",
      "Microsoft.ContainerService.NodePoolRollingFailed",
    ],
  });
}
