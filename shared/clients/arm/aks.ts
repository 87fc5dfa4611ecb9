import type { AgentPool, ContainerServiceClient, ManagedCluster } from "@azure/arm-containerservice";
import type { AksState, Cluster, NodePool } from "../../model/cluster.ts";
import { type ClusterId, splitId } from "../../model/ids.ts";
import { ignoreNotFound, runCall } from "../errors.ts";
import { oncePer } from "../once-per.ts";
import type { ArmOptions } from "./scale-sets.ts";

/** The calls that the app makes to the AKS resource provider. */
export interface AksClient {
  /** Returns undefined if the cluster does not exist. */
  readCluster(id: ClusterId, signal: AbortSignal): Promise<Cluster | undefined>;
  listPools(id: ClusterId, signal: AbortSignal): Promise<readonly NodePool[]>;
  /** Returns undefined if the pool does not exist. */
  readPool(id: ClusterId, name: string, signal: AbortSignal): Promise<NodePool | undefined>;
}

/** Creates the client. It creates the SDK client of a subscription at the first use and keeps it. */
export function createAksClient({ credential, options }: ArmOptions): AksClient {
  const clientOf = oncePer(async (subscription): Promise<ContainerServiceClient> => {
    const { ContainerServiceClient: Client } = await import("../sdk/container-service.ts");
    return new Client(await credential(), subscription, options);
  });

  return {
    readCluster: (id, signal) =>
      ignoreNotFound(`read cluster ${splitId(id).name}`, async () => {
        const { subscription, resourceGroup, name } = splitId(id);
        const aks = await clientOf(subscription);
        return toCluster(id, await aks.managedClusters.get(resourceGroup, name, { abortSignal: signal }));
      }),

    listPools: (id, signal) =>
      runCall(`list node pools of ${splitId(id).name}`, async () => {
        const { subscription, resourceGroup, name } = splitId(id);
        const aks = await clientOf(subscription);
        const pools: NodePool[] = [];
        for await (const pool of aks.agentPools.list(resourceGroup, name, { abortSignal: signal })) {
          signal.throwIfAborted();
          pools.push(toPool(pool));
        }
        return pools;
      }),

    readPool: (id, pool, signal) =>
      ignoreNotFound(`read node pool ${pool}`, async () => {
        const { subscription, resourceGroup, name } = splitId(id);
        const aks = await clientOf(subscription);
        return toPool(await aks.agentPools.get(resourceGroup, name, pool, { abortSignal: signal }));
      }),
  };
}

function toCluster(id: ClusterId, raw: ManagedCluster): Cluster {
  return {
    id,
    name: raw.name ?? splitId(id).name,
    nodeResourceGroup: raw.nodeResourceGroup ?? "",
    nodeResourceGroupLocked: raw.nodeResourceGroupProfile?.restrictionLevel === "ReadOnly",
    ...toState(raw),
  };
}

function toPool(raw: AgentPool): NodePool {
  return { name: raw.name ?? "", isWindows: raw.osType === "Windows", ...toState(raw) };
}

function toState({ provisioningState, powerState }: ManagedCluster | AgentPool): AksState {
  return { provisioningState: provisioningState ?? "", isStopped: powerState?.code === "Stopped" };
}
