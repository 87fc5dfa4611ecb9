import { actOn, putModel, scaleSetOf } from "../aks-calls.ts";
import type { Engine } from "../engine.ts";
import type { Cluster, Pool } from "../world.ts";
import { beginAksOperation } from "./aks-operation.ts";
import { findCluster, findPool } from "./place.ts";

/** The pools to stop or start: one, or all with the cluster itself. */
type Target = { cluster: Cluster; pools: readonly Pool[]; powered: readonly (Cluster | Pool)[] };

/** How AKS stops: today's documentation says that nodes are stopped; users saw them deleted (Azure/AKS#2810). */
export type StopOptions = { instances?: "deallocate" | "delete" };

/** How AKS starts: it writes its own model (Azure/AKS#2713), with or without the extensions of others. */
export type StartOptions = { keepForeign?: boolean };

/** Stops a pool, or a cluster with all its pools. The pools keep their count. */
export function stop(
  engine: Engine,
  target: { clusterId: string; pool?: string | undefined },
  { instances: verb = "deallocate" }: StopOptions,
): void {
  const { cluster, pools, powered } = targetOf(engine, target);
  const stopPool = async (pool: Pool): Promise<void> => {
    const set = scaleSetOf(engine, cluster, pool);
    const affected = set.instances.filter(({ power }) => verb === "delete" || power === "running");
    if (affected.length > 0) await actOn(engine, set, verb, affected);
  };
  beginAksOperation(engine, { cluster, pools }, "Stopping", async () => {
    await Promise.all(pools.map(stopPool));
    for (const each of powered) each.powerState = "Stopped";
  });
}

/** Starts a stopped pool or cluster: writes the model, creates missing instances, and starts the deallocated ones. */
export function start(
  engine: Engine,
  target: { clusterId: string; pool?: string | undefined },
  { keepForeign = false }: StartOptions,
): void {
  const { cluster, pools, powered } = targetOf(engine, target);
  const startPool = async (pool: Pool): Promise<void> => {
    const set = scaleSetOf(engine, cluster, pool);
    await putModel(engine, cluster, pool, { add: Math.max(0, pool.count - set.instances.length), keepForeign });
    const deallocated = set.instances.filter(({ power }) => power === "deallocated");
    if (deallocated.length > 0) await actOn(engine, set, "start", deallocated);
  };
  beginAksOperation(engine, { cluster, pools }, "Starting", async () => {
    for (const each of powered) each.powerState = "Running";
    await Promise.all(pools.map(startPool));
  });
}

function targetOf(engine: Engine, { clusterId, pool }: { clusterId: string; pool?: string | undefined }): Target {
  if (pool !== undefined) {
    const place = findPool(engine, clusterId, pool);
    return { cluster: place.cluster, pools: [place.pool], powered: [place.pool] };
  }
  const cluster = findCluster(engine, clusterId);
  return { cluster, pools: cluster.pools, powered: [cluster, ...cluster.pools] };
}
