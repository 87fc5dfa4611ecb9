import { callCompute } from "../aks-calls.ts";
import type { Engine } from "../engine.ts";
import { newInstance, provision, remove } from "../instances.ts";
import { writeModel } from "../model-write.ts";
import { failWith, outcome } from "../operations.ts";
import { AUTOSCALER } from "./callers.ts";
import { findPool, type Place } from "./place.ts";

/**
 * Scales a pool as the cluster autoscaler does: it writes the scale set directly, so that no operation of AKS shows, and
 * the pool's count follows. Scaling out writes the capacity alone (kubernetes/autoscaler, azure_scale_set.go), and new
 * instances get the current model. Scaling in drains and deletes the nodes that are not needed: any of them.
 */
export function autoscale(engine: Engine, clusterId: string, poolName: string, count: number): void {
  const place = findPool(engine, clusterId, poolName);
  const { instances } = place.set;
  const missing = count - instances.filter(({ state }) => state !== "Deleting").length;
  engine.flow.spawn(outcome(missing > 0 ? scaleOut(engine, place, count) : scaleIn(engine, place, -missing)));
}

async function scaleOut(engine: Engine, { cluster, pool, set }: Place, count: number): Promise<void> {
  await callCompute(
    engine,
    set,
    () => {
      const sku = { ...set.sku, capacity: count };
      const add = count - set.instances.filter(({ state }) => state !== "Deleting").length;
      const work = async (): Promise<void> => {
        await writeModel(engine, set, { sku });
        pool.count = count;
        const made = Array.from({ length: Math.max(0, add) }, () => newInstance(engine, cluster, set));
        failWith(await Promise.all(made.map((instance) => provision(engine, set, instance))));
      };
      return { method: "PUT", verb: "write", body: { location: set.location, sku }, work };
    },
    AUTOSCALER,
  );
}

async function scaleIn(engine: Engine, { pool, set }: Place, surplus: number): Promise<void> {
  if (surplus === 0) return;
  await engine.flow.wait(engine.durations.drain);
  await callCompute(
    engine,
    set,
    () => {
      const alive = set.instances.filter(({ state }) => state !== "Deleting");
      const unneeded = engine.flow.shuffle(alive).slice(0, surplus);
      const body = { instanceIds: unneeded.map(({ id }) => id) };
      const work = async (): Promise<void> => {
        pool.count -= unneeded.length;
        failWith(await Promise.all(unneeded.map((instance) => remove(engine, set, instance))));
      };
      return { method: "POST", verb: "delete/action", body, work };
    },
    AUTOSCALER,
  );
}
