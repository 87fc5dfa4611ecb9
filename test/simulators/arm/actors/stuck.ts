import { checkIdle } from "../aks.ts";
import type { Engine } from "../engine.ts";
import { ArmError } from "../http.ts";
import type { Cluster, Pool } from "../world.ts";
import { findCluster, findPool } from "./place.ts";

type Target = { clusterId: string; pool?: string | undefined };

/** Begins an operation of AKS on a cluster or a pool that does nothing and does not end (Azure/AKS#2341). */
export function hold(engine: Engine, target: Target): void {
  const { cluster, held } = heldOf(engine, target);
  checkIdle(cluster);
  held.state = "Updating";
  engine.actors.stuck.add(held);
}

/** Ends the operation that does not end by itself; throws a 404 if there is none. */
export function release(engine: Engine, target: Target, state: "Succeeded" | "Failed"): void {
  const { held } = heldOf(engine, target);
  if (!engine.actors.stuck.delete(held)) {
    throw new ArmError(404, { code: "NotFound", message: `${held.name} is not in an operation that does not end` });
  }
  held.state = state;
}

function heldOf(engine: Engine, { clusterId, pool }: Target): { cluster: Cluster; held: Cluster | Pool } {
  const cluster = findCluster(engine, clusterId);
  return { cluster, held: pool === undefined ? cluster : findPool(engine, clusterId, pool).pool };
}
