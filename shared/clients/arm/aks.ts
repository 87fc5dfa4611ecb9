import type { ContainerServiceClient } from "@azure/arm-containerservice";
import type * as v from "valibot";
import type { AksState, Cluster, NodePool } from "../../model/cluster.ts";
import { type ClusterId, splitId } from "../../model/ids.ts";
import { textIn } from "../../model/json.ts";
import { object, orNull, text, textOrNull } from "../../model/schema.ts";
import { ignoreNotFound, runCall } from "../errors.ts";
import { oncePer } from "../once-per.ts";
import { parseResponse } from "../parse-response.ts";
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

const state = {
  provisioningState: textOrNull,
  powerState: orNull(object({ code: textOrNull })),
};
const cluster = object({
  name: orNull(text),
  nodeResourceGroup: text,
  nodeResourceGroupProfile: orNull(object({ restrictionLevel: textOrNull })),
  ...state,
});
const pool = object({ name: text, osType: text, currentOrchestratorVersion: textOrNull, ...state });

function toCluster(id: ClusterId, raw: unknown): Cluster {
  const {
    name = splitId(id).name,
    nodeResourceGroup,
    nodeResourceGroupProfile,
    ...rest
  } = parseResponse(cluster, raw, "managed cluster");
  return {
    id,
    name,
    nodeResourceGroup,
    nodeResourceGroupLocked: nodeResourceGroupProfile?.restrictionLevel === "ReadOnly",
    ...toState(rest),
  };
}

function toPool(raw: unknown): NodePool {
  const {
    name,
    osType,
    currentOrchestratorVersion: version,
    ...rest
  } = parseResponse(pool, raw, `node pool ${textIn(raw, "name") ?? "without a name"}`);
  return { name, isWindows: osType === "Windows", version, ...toState(rest) };
}

function toState({
  provisioningState = "",
  powerState,
}: Pick<v.InferOutput<typeof pool>, keyof typeof state>): AksState {
  return { provisioningState, isStopped: powerState?.code === "Stopped" };
}
