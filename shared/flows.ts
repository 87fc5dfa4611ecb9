import { type EndpointsDeps, endpointsFlow } from "./endpoints/flow.ts";
import { nodeFactsIn } from "./endpoints/memory.ts";
import { type ExtensionDeps, extensionFlow } from "./extension/flow.ts";
import { exporterStatuses } from "./extension/memory.ts";
import type { Flow } from "./model/flow.ts";
import type { ClusterId } from "./model/ids.ts";
import { readMemory, type StorageDeps } from "./reconcile/blobs.ts";
import { readPauses } from "./reconcile/pauses.ts";

/** Every flow of the app, in the order in which reports list them. */
export const FLOWS: readonly Flow<ExtensionDeps & EndpointsDeps>[] = [extensionFlow, endpointsFlow];

/** What others may read of a flow's memory, and of the pauses; only the flow itself writes its memory. */
export type Facts = ExtensionDeps["facts"] &
  EndpointsDeps["facts"] & {
    /** Returns undefined before the extension flow has read the cluster. */
    nodeResourceGroup(cluster: ClusterId, signal: AbortSignal): Promise<string | undefined>;
  };

/** Returns readers of the facts that one flow hands to the other and to the events. */
export function createFacts(storage: StorageDeps): Facts {
  const { records } = storage;
  return {
    exporters: async (cluster, signal) =>
      exporterStatuses((await readMemory(records, { flow: extensionFlow, cluster }, signal)).memory),
    nodes: async (cluster, signal) =>
      nodeFactsIn((await readMemory(records, { flow: endpointsFlow, cluster }, signal)).memory),
    pauses: (cluster, signal) => readPauses(storage, cluster, signal),
    nodeResourceGroup: async (cluster, signal) =>
      (await readMemory(records, { flow: extensionFlow, cluster }, signal)).memory.nodeResourceGroup,
  };
}
