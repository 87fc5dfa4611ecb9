import type { Certificate } from "./certificates.ts";
import type { ClusterSpec } from "./simulators/arm/aks-cluster.ts";
import { type ArmOptions, ArmSimulator } from "./simulators/arm/arm-simulator.ts";
import type { ExtensionHandler } from "./simulators/arm/extensions.ts";
import { openHttpsFront } from "./simulators/arm/https-front.ts";
import type { EventGrid } from "./simulators/event-grid.ts";

/** Opens an Azure Resource Manager simulator with one cluster, which publishes its events to the matching topics. */
export async function openArm(
  options: Omit<ArmOptions, "onEvent">,
  {
    certificate,
    cluster,
    dsc,
    events,
  }: {
    readonly certificate: Certificate;
    readonly cluster: ClusterSpec;
    readonly dsc: ExtensionHandler;
    readonly events: { readonly arm: EventGrid; readonly aks: EventGrid };
  },
) {
  const arm = new ArmSimulator({
    ...options,
    handlers: { "microsoft.powershell.dsc": dsc, ...options.handlers },
    onEvent: (event) => {
      const topic = event.eventType.startsWith("Microsoft.ContainerService.") ? events.aks : events.arm;
      topic.publish(event);
    },
  });
  return { arm, front: await openHttpsFront(arm, certificate), cluster: arm.aks.addCluster(cluster) };
}
