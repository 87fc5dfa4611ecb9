import type { DeployedSubscription } from "./deployed/deployment.ts";
import type { EventGrid, Subscription } from "./simulators/event-grid.ts";
import type { FunctionsHost } from "./simulators/host/functions-host.ts";

/** Subscribes the functions of a host, and no other, to the topics, as in the deployed event subscriptions. */
export async function subscribe(
  deployed: readonly DeployedSubscription[],
  events: { readonly arm: EventGrid; readonly aks: EventGrid },
  {
    host: { url, eventGridKey },
    schema,
  }: { readonly host: Pick<FunctionsHost, "url" | "eventGridKey">; readonly schema: Subscription["schema"] },
): Promise<void> {
  for (const topic of Object.values(events)) topic.unsubscribeAll();
  for (const { topicType, filter, functionName } of deployed) {
    const topic = topicType === "Microsoft.ContainerService.ManagedClusters" ? events.aks : events.arm;
    const webhook = `${url}/runtime/webhooks/EventGrid?functionName=${functionName}&code=${eventGridKey}`;
    await topic.subscribe({ url: webhook, schema, filter });
  }
}
