import { checkNodeGroup } from "./actors/locks.ts";
import { actOn, putModel, scaleSetOf } from "./aks-calls.ts";
import { createCluster } from "./aks-cluster.ts";
import type { Engine } from "./engine.ts";
import { emitRolling } from "./events.ts";
import { ArmError } from "./http.ts";
import { type ImageForm, publishImage } from "./images.ts";
import { outcome } from "./operations.ts";
import { type Cluster, type ClusterSpec, type Pool, same, type ScaleSet } from "./world.ts";

/** An AKS operation on a pool: the provisioning state while it runs, its steps, and whether it replaces nodes. */
type Plan = { state: string; rolling?: boolean; followUp?: boolean; steps: (at: Place) => Promise<void> };

type Place = { cluster: Cluster; pool: Pool; set: ScaleSet };

/** AKS's operations on node pools. Each call returns once the operation has started; it proceeds with the clock. */
export class AksActor {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Adds a cluster with no operation in progress and AKS's own extensions on every node. */
  addCluster(spec: ClusterSpec): Cluster {
    return createCluster(this.#engine, spec);
  }

  /** Scales a pool. New instances get the model that AKS writes; scaling in deletes those with the highest ids. */
  async scale(clusterId: string, poolName: string, count: number): Promise<void> {
    const steps = async ({ cluster, pool, set }: Place): Promise<void> => {
      pool.count = count;
      const keepForeign = this.#engine.unknowns.scaleForeignExtensions === "keep";
      await putModel(this.#engine, cluster, pool, { add: Math.max(0, count - set.instances.length), keepForeign });
      const surplus = byId(set).slice(count);
      if (surplus.length > 0) await actOn(this.#engine, set, "delete", surplus);
    };
    this.#begin(clusterId, poolName, { state: "Scaling", followUp: true, steps });
  }

  /** Adds a surge instance, drains and reimages each old node (id and vmId stay), then deletes the surge instance. */
  async upgrade(clusterId: string, poolName: string, to: { image: string; imageForm?: ImageForm }): Promise<void> {
    const steps = async ({ cluster, pool, set }: Place): Promise<void> => {
      const { flow, durations } = this.#engine;
      const old = byId(set);
      Object.assign(pool, to);
      publishImage(this.#engine.world, pool);
      await putModel(this.#engine, cluster, pool, { add: 1 });
      const surge = set.instances.filter((instance) => !old.includes(instance));
      for (const instance of old) {
        await flow.wait(durations.drain);
        const runs = set.instances.includes(instance) && instance.power === "running";
        if (runs) await actOn(this.#engine, set, "reimage", [instance]);
      }
      await flow.wait(durations.drain);
      await actOn(this.#engine, set, "delete", surge);
    };
    this.#begin(clusterId, poolName, { state: "Upgrading", rolling: true, followUp: true, steps });
  }

  /** Overwrites the model with AKS's own and keeps the number of instances. */
  async reconcile(clusterId: string, poolName: string): Promise<void> {
    const steps = async ({ cluster, pool }: Place): Promise<void> => {
      const { flow, durations } = this.#engine;
      await flow.wait(durations.reconcile / 2);
      await putModel(this.#engine, cluster, pool);
      await flow.wait(durations.reconcile / 2);
    };
    this.#begin(clusterId, poolName, { state: "Updating", steps });
  }

  async deallocate(scaleSet: string, id: string): Promise<void> {
    this.#actOn(scaleSet, id, "deallocate");
  }

  async start(scaleSet: string, id: string): Promise<void> {
    this.#actOn(scaleSet, id, "start");
  }

  /** Deletes one instance; the count of its pool decreases by one. */
  async deleteInstance(scaleSet: string, id: string): Promise<void> {
    const set = this.#actOn(scaleSet, id, "delete");
    const pools = this.#engine.world.clusters.flatMap((cluster) => (cluster.id === set.clusterId ? cluster.pools : []));
    const pool = pools.find((one) => one.scaleSet === set.name);
    if (pool) pool.count -= 1;
  }

  #actOn(name: string, id: string, verb: "deallocate" | "start" | "delete"): ScaleSet {
    const set = this.#engine.world.scaleSets.find((one) => same(one.name, name) || same(one.id, name));
    const instance = set?.instances.find((one) => one.id === id);
    if (!set || !instance) throw new ArmError(404, { code: "NotFound", message: `no instance ${name}/${id}` });
    this.#engine.flow.spawn(outcome(actOn(this.#engine, set, verb, [instance])));
    return set;
  }

  #begin(clusterId: string, poolName: string, plan: Plan): void {
    const cluster = this.#engine.world.clusters.find(({ id }) => same(id, clusterId));
    const pool = cluster?.pools.find(({ name }) => same(name, poolName));
    if (!cluster || !pool) {
      throw new ArmError(404, { code: "NotFound", message: `no pool ${poolName} in ${clusterId}` });
    }
    checkIdle(cluster);
    checkNodeGroup(this.#engine, cluster);
    const place = { cluster, pool, set: scaleSetOf(this.#engine, cluster, pool) };
    this.#show(place, plan, "Started");
    this.#engine.flow.spawn(this.#carryOut(place, plan));
  }

  async #carryOut(place: Place, plan: Plan): Promise<void> {
    const { flow, durations, unknowns } = this.#engine;
    const error = await outcome(plan.steps(place));
    this.#show(place, plan, error ? "Failed" : "Succeeded");
    if (!plan.followUp || !unknowns.aksFollowUpWrite) return;
    await flow.wait(durations.followUp);
    await outcome(putModel(this.#engine, place.cluster, place.pool));
  }

  #show({ cluster, pool }: Place, plan: Plan, what: "Started" | "Succeeded" | "Failed"): void {
    const state = what === "Started" ? plan.state : what;
    Object.assign(cluster, { state });
    Object.assign(pool, { state });
    if (plan.rolling) emitRolling(this.#engine, cluster, pool, what);
  }
}

/** Throws AKS's 409 if an operation is in progress on the cluster or on one of its pools. */
export function checkIdle(cluster: Cluster): void {
  const working = [cluster, ...cluster.pools].find(({ state }) => state !== "Succeeded" && state !== "Failed");
  if (!working) return;
  const message = `Operation is not allowed: Another operation (${working.name} - ${working.state}) is in progress`;
  throw new ArmError(409, { code: "OperationNotAllowed", message });
}

function byId({ instances }: ScaleSet): ScaleSet["instances"] {
  return instances.toSorted((a, b) => Number(a.id) - Number(b.id));
}
