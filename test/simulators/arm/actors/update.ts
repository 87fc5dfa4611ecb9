import { putModel, scaleSetOf } from "../aks-calls.ts";
import type { Engine } from "../engine.ts";
import type { Cluster, Pool } from "../world.ts";
import { beginAksOperation } from "./aks-operation.ts";
import { findCluster } from "./place.ts";

/** What a write of a cluster can change. */
export type ClusterChange = Partial<Pick<Cluster, "restrictionLevel">>;

/**
 * Updates a cluster as a write of its resource does, even if it changes nothing: AKS brings each pool to the state that
 * it should have. It writes the model of each running pool and creates the instances that are missing.
 */
export function update(engine: Engine, clusterId: string, change: ClusterChange): void {
  const cluster = findCluster(engine, clusterId);
  const pools = cluster.pools.filter(({ powerState }) => powerState === "Running");
  const reconcile = async (pool: Pool): Promise<void> => {
    const add = Math.max(0, pool.count - scaleSetOf(engine, cluster, pool).instances.length);
    await putModel(engine, cluster, pool, { add });
  };
  beginAksOperation(engine, { cluster, pools: cluster.pools }, "Updating", async () => {
    await engine.flow.wait(engine.durations.reconcile);
    Object.assign(cluster, change);
    await Promise.all(pools.map(reconcile));
  });
}
