import type { KubeClient } from "../clients/kubernetes/port.ts";
import type { ExporterStatuses } from "../model/node.ts";
import type { EndpointsObserved } from "../model/observed.ts";
import type { EpochMs } from "../model/time.ts";

/**
 * Reads the Service, its Endpoints and EndpointSlices, and the Windows nodes. Throws if any list is incomplete, so that
 * the pass writes nothing.
 */
export async function observeEndpoints(
  kube: KubeClient,
  exporters: ExporterStatuses | undefined,
  { at, signal }: { readonly at: EpochMs; readonly signal: AbortSignal },
): Promise<EndpointsObserved> {
  // Objects before nodes: a node that appears in between is published by the next pass, and none is removed by mistake.
  const [service, endpoints, slices] = await Promise.all([
    kube.readService(signal),
    kube.readEndpoints(signal),
    kube.listSlices(signal),
  ]);
  const { nodes, unreadable } = await kube.listWindowsNodes(signal);
  return { at, service, endpoints, slices, nodes, unreadable, exporters };
}
