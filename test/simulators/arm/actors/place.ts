import { scaleSetOf } from "../aks-calls.ts";
import type { Engine } from "../engine.ts";
import { ArmError } from "../http.ts";
import { type Cluster, type Instance, type Pool, same, type ScaleSet } from "../world.ts";

/** Returns the cluster with this resource ID, or throws a 404. */
export function findCluster({ world }: Engine, clusterId: string): Cluster {
  const found = world.clusters.find(({ id }) => same(id, clusterId));
  if (found) return found;
  throw new ArmError(404, { code: "NotFound", message: `no cluster ${clusterId}` });
}

/** Returns a pool with its cluster and its scale set, or throws a 404. */
export function findPool(engine: Engine, clusterId: string, poolName: string): Place {
  const cluster = findCluster(engine, clusterId);
  const pool = cluster.pools.find(({ name }) => same(name, poolName));
  if (!pool) throw new ArmError(404, { code: "NotFound", message: `no pool ${poolName} in ${clusterId}` });
  return { cluster, pool, set: scaleSetOf(engine, cluster, pool) };
}

/** Returns an instance with its scale set, by the set's name or resource ID, or throws a 404. */
export function findInstance({ world }: Engine, scaleSet: string, id: string): { set: ScaleSet; instance: Instance } {
  const set = world.scaleSets.find((one) => same(one.name, scaleSet) || same(one.id, scaleSet));
  const instance = set?.instances.find((one) => one.id === id);
  if (set && instance) return { set, instance };
  throw new ArmError(404, { code: "NotFound", message: `no instance ${scaleSet}/${id}` });
}

/** Returns the pool of a scale set, or undefined if AKS has none for it. */
export function poolOf({ world }: Engine, { clusterId, name }: ScaleSet): Pool | undefined {
  return world.clusters.find(({ id }) => id === clusterId)?.pools.find(({ scaleSet }) => scaleSet === name);
}

export type Place = { cluster: Cluster; pool: Pool; set: ScaleSet };
