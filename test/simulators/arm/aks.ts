import { AksCalls, refuse } from "./aks-calls.ts";
import { createCluster } from "./aks-cluster.ts";
import type { ClusterSpec } from "./aks-cluster.ts";
import type { Engine, Site } from "./engine.ts";
import { rollingEvent } from "./events.ts";
import { ArmError } from "./http.ts";
import { deallocate, start } from "./instances.ts";
import { OperationError } from "./operations.ts";
import { isNamed, same } from "./world.ts";
import type { Cluster, Pool } from "./world.ts";

interface Plan {
  state: string;
  rolling?: boolean;
  followUp?: boolean;
  steps: (cluster: Cluster, pool: Pool) => Promise<void>;
}

/** AKS as it acts on node pools. Each call returns once AKS has begun; the rest comes as the clock goes on. */
export class AksActor {
  readonly #engine: Engine;
  readonly #calls: AksCalls;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#calls = new AksCalls(engine);
  }

  /** A cluster at rest, with AKS's own extensions on every node. */
  addCluster(spec: ClusterSpec): Cluster {
    return createCluster(this.#engine, spec);
  }

  /** New instances get the model AKS writes; otherwise those with the highest ids go. */
  async scale(clusterId: string, poolName: string, count: number): Promise<void> {
    const steps = async (cluster: Cluster, pool: Pool): Promise<void> => {
      pool.count = count;
      const scaleSet = this.#calls.scaleSetOf(cluster, pool);
      const keepForeign = this.#engine.unknowns.scaleForeignExtensions === "keep";
      const add = Math.max(0, count - scaleSet.instances.length);
      await this.#calls.putModel(cluster, pool, { add, keepForeign });
      const surplus = scaleSet.instances.toSorted((a, b) => Number(a.id) - Number(b.id)).slice(count);
      if (surplus.length > 0) await this.#calls.deleteInstances(scaleSet, surplus);
    };
    await this.#begin(clusterId, poolName, { state: "Scaling", followUp: true, steps });
  }

  /** Surge instance, then each old node drained and reimaged with its id and vmId kept, the surge instance last. */
  async upgrade(clusterId: string, poolName: string, to: { image: string }): Promise<void> {
    const steps = async (cluster: Cluster, pool: Pool): Promise<void> => {
      const { flow, durations } = this.#engine;
      const scaleSet = this.#calls.scaleSetOf(cluster, pool);
      const old = scaleSet.instances.toSorted((a, b) => Number(a.id) - Number(b.id));
      pool.image = to.image;
      const surgeId = String(scaleSet.nextInstanceId);
      await this.#calls.putModel(cluster, pool, { add: 1, keepForeign: false });
      for (const instance of old) {
        await flow.wait(durations.drain);
        if (scaleSet.instances.includes(instance) && instance.power === "running") {
          await this.#calls.reimage(scaleSet, instance);
        }
      }
      await flow.wait(durations.drain);
      const surge = scaleSet.instances.filter(({ id }) => id === surgeId);
      await this.#calls.deleteInstances(scaleSet, surge);
    };
    await this.#begin(clusterId, poolName, { state: "Upgrading", rolling: true, followUp: true, steps });
  }

  /** Overwrites the model with AKS's own, the number of instances untouched. */
  async reconcile(clusterId: string, poolName: string): Promise<void> {
    const steps = async (cluster: Cluster, pool: Pool): Promise<void> => {
      const { flow, durations } = this.#engine;
      await flow.wait(durations.reconcile / 2);
      await this.#calls.putModel(cluster, pool, { add: 0, keepForeign: false });
      await flow.wait(durations.reconcile / 2);
    };
    await this.#begin(clusterId, poolName, { state: "Updating", steps });
  }

  /** Deletes a pool with its scale set. */
  async deletePool(clusterId: string, poolName: string): Promise<void> {
    const steps = async (cluster: Cluster, pool: Pool): Promise<void> => {
      await this.#calls.deleteScaleSet(this.#calls.scaleSetOf(cluster, pool));
      cluster.pools = cluster.pools.filter((other) => other !== pool);
    };
    await this.#begin(clusterId, poolName, { state: "Deleting", steps });
  }

  async deallocate(scaleSetName: string, id: string): Promise<void> {
    await this.#onInstance("deallocate", scaleSetName, { id, work: (site) => deallocate(this.#engine, site) });
  }

  async start(scaleSetName: string, id: string): Promise<void> {
    const work = async (site: Site): Promise<void> => refuse(await start(this.#engine, site));
    await this.#onInstance("start", scaleSetName, { id, work });
  }

  /** One instance is deleted; the pool has one node less. */
  async deleteInstance(scaleSetName: string, id: string): Promise<void> {
    const { scaleSet, instance } = this.#site(scaleSetName, id);
    const cluster = this.#engine.world.clusters.find((one) => one.id === scaleSet.clusterId);
    const pool = cluster?.pools.find((one) => same(one.scaleSet, scaleSet.name));
    if (pool) pool.count -= 1;
    this.#spawn(() => this.#calls.deleteInstances(scaleSet, [instance]));
    await Promise.resolve();
  }

  async #onInstance(
    verb: "deallocate" | "start",
    scaleSetName: string,
    { id, work }: { id: string; work: (site: Site) => Promise<void> },
  ): Promise<void> {
    const site = this.#site(scaleSetName, id);
    const call = { method: "POST", action: `${verb}/action`, body: { instanceIds: [id] } };
    this.#spawn(() => this.#calls.write(site.scaleSet, call, () => work(site)));
    await Promise.resolve();
  }

  async #begin(clusterId: string, poolName: string, plan: Plan): Promise<void> {
    const cluster = this.#engine.world.clusters.find(({ id }) => same(id, clusterId));
    const pool = cluster?.pools.find(({ name }) => same(name, poolName));
    if (!cluster || !pool) {
      throw new ArmError(404, { code: "NotFound", message: `no pool ${poolName} in ${clusterId}` });
    }
    const working = [cluster, ...cluster.pools].find(({ state }) => state !== "Succeeded" && state !== "Failed");
    if (working) {
      const message = `Operation is not allowed: Another operation (${working.name} - ${working.state}) is in progress`;
      throw new ArmError(409, { code: "OperationNotAllowed", message });
    }
    this.#show(cluster, pool, plan.state);
    if (plan.rolling) this.#engine.emit(rollingEvent(this.#engine, cluster, pool, "Started"));
    this.#engine.flow.spawn(() => this.#carryOut(cluster, pool, plan));
    await Promise.resolve();
  }

  async #carryOut(cluster: Cluster, pool: Pool, plan: Plan): Promise<void> {
    const ended = await this.#outcome(plan.steps(cluster, pool));
    this.#show(cluster, pool, ended);
    if (plan.rolling) this.#engine.emit(rollingEvent(this.#engine, cluster, pool, ended));
    if (!plan.followUp || !this.#engine.unknowns.aksFollowUpWrite) return;
    await this.#engine.flow.wait(this.#engine.durations.followUp);
    await this.#outcome(this.#calls.putModel(cluster, pool, { add: 0, keepForeign: false }));
  }

  async #outcome(work: Promise<void>): Promise<"Succeeded" | "Failed"> {
    try {
      await work;
      return "Succeeded";
    } catch (error) {
      if (error instanceof OperationError) return "Failed";
      throw error;
    }
  }

  #spawn(work: () => Promise<void>): void {
    this.#engine.flow.spawn(async () => {
      await this.#outcome(work());
    });
  }

  #show(cluster: Cluster, pool: Pool, state: string): void {
    Object.assign(cluster, { state, etag: this.#engine.flow.guid() });
    Object.assign(pool, { state, etag: this.#engine.flow.guid() });
  }

  #site(scaleSetName: string, id: string): Site {
    const scaleSet = this.#engine.world.scaleSets.find((one) => isNamed(one, scaleSetName));
    const instance = scaleSet?.instances.find((other) => other.id === id);
    if (!scaleSet || !instance) {
      throw new ArmError(404, { code: "NotFound", message: `no instance ${scaleSetName}/${id}` });
    }
    return { scaleSet, instance };
  }
}
