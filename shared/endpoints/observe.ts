import type { KubeClient } from "../clients/kubernetes/port.ts";
import type { ExporterStatuses } from "../model/node.ts";
import type { EndpointsObserved } from "../model/observed.ts";
import type { EpochMs } from "../model/time.ts";

/** Reads the Service, the nodes and our objects, each complete: one that fails fails the pass, and nothing is written. */
export async function observeEndpoints(
  kube: KubeClient,
  exporters: ExporterStatuses | undefined,
  { at, signal }: { readonly at: EpochMs; readonly signal: AbortSignal },
): Promise<EndpointsObserved> {
  // Objects before nodes: a node that is new in between is published by the next pass, none is removed by mistake.
  const [service, endpoints, slices] = await Promise.all([
    kube.readService(signal),
    kube.readEndpoints(signal),
    kube.listSlices(signal),
  ]);
  const nodes = await kube.listWindowsNodes(signal);
  return { at, service, endpoints, slices, nodes, exporters };
}
