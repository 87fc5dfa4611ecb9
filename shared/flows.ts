import type { Records } from "./clients/storage/records.ts";
import { type EndpointsDeps, endpointsFlow } from "./endpoints/flow.ts";
import { type ExtensionDeps, extensionFlow } from "./extension/flow.ts";
import { exporterStatuses } from "./extension/memory.ts";
import type { Flow } from "./model/flow.ts";
import type { ClusterId } from "./model/ids.ts";
import { readMemory } from "./reconcile/blobs.ts";

/** Every flow of the app, in the order in which reports list them. */
export const FLOWS: readonly Flow<ExtensionDeps & EndpointsDeps>[] = [extensionFlow, endpointsFlow];

/** What others may read of a flow's memory; only the flow itself writes it. */
export type Facts = EndpointsDeps["facts"] & {
  /** Returns undefined before the extension flow has read the cluster. */
  nodeResourceGroup(cluster: ClusterId, signal: AbortSignal): Promise<string | undefined>;
};

/** Returns readers of the facts that one flow hands to the other and to the events. */
export function createFacts(records: Records): Facts {
  return {
    exporters: async (cluster, signal) =>
      exporterStatuses((await readMemory(records, { flow: extensionFlow, cluster }, signal)).memory),
    nodeResourceGroup: async (cluster, signal) =>
      (await readMemory(records, { flow: extensionFlow, cluster }, signal)).memory.nodeResourceGroup,
  };
}
