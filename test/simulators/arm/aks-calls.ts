import { isDeepStrictEqual } from "node:util";
import { aksProfile, aksTags } from "./aks-model.ts";
import type { Caller, Engine } from "./engine.ts";
import type { ExtensionFailure } from "./extensions.ts";
import { newInstance, provision, reimage, remove } from "./instances.ts";
import { OperationError } from "./operations.ts";
import { isAksOwn } from "./scripted-failures.ts";
import type { Cluster, Instance, Pool, ScaleSet } from "./world.ts";

const COMPUTE = "Microsoft.Compute/virtualMachineScaleSets";

/** AKS's resource provider, a first-party application; deny assignments do not bind it. */
const AKS: Caller = {
  oid: "a5a1f0de-0000-4000-8000-0000000000a5",
  name: "AKS",
  claims: { aud: "https://management.azure.com/", appid: "7319c514-987d-4e9b-ac3d-d38c4f427f4c" },
};

/** A call of AKS to Compute; `action` is what follows the resource type. */
interface Call {
  method: string;
  action: string;
  body?: unknown;
}

/** The calls AKS makes to Compute, as real operations that can collide with others. */
export class AksCalls {
  readonly engine: Engine;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** PUTs the full model with AKS's own extensions and tags, and makes the instances that are missing. */
  async putModel(cluster: Cluster, pool: Pool, change: { add: number; keepForeign: boolean }): Promise<void> {
    const scaleSet = this.scaleSetOf(cluster, pool);
    await this.#free(scaleSet);
    const { extensions } = scaleSet.virtualMachineProfile.extensionProfile;
    const foreign = change.keepForeign ? extensions.filter((extension) => !isAksOwn(extension)) : [];
    const profile = aksProfile(cluster, pool, foreign);
    const sku = { ...scaleSet.sku, capacity: scaleSet.instances.length + change.add };
    const tags = aksTags(pool, scaleSet.tags["aks-managed-createOperationID"] ?? "");
    const properties = { virtualMachineProfile: profile, upgradePolicy: scaleSet.upgradePolicy, overprovision: false };
    const body = { location: cluster.location, sku, tags, properties };
    await this.write(scaleSet, { method: "PUT", action: "write", body }, async () => {
      if (!isDeepStrictEqual(profile, scaleSet.virtualMachineProfile)) scaleSet.revision += 1;
      if (!isDeepStrictEqual([profile, sku, tags], [scaleSet.virtualMachineProfile, scaleSet.sku, scaleSet.tags])) {
        scaleSet.etag += 1;
      }
      Object.assign(scaleSet, { virtualMachineProfile: profile, sku, tags });
      const made = Array.from({ length: change.add }, () => newInstance(this.engine, cluster, scaleSet));
      await this.engine.flow.wait(this.engine.durations.modelWrite);
      const failures = await Promise.all(made.map((instance) => provision(this.engine, { scaleSet, instance })));
      refuse(failures.flat());
    });
  }

  async reimage(scaleSet: ScaleSet, instance: Instance): Promise<void> {
    const body = { instanceIds: [instance.id] };
    await this.write(scaleSet, { method: "POST", action: "reimage/action", body }, async () => {
      refuse(await reimage(this.engine, { scaleSet, instance }));
    });
  }

  async deleteInstances(scaleSet: ScaleSet, instances: readonly Instance[]): Promise<void> {
    const body = { instanceIds: instances.map(({ id }) => id) };
    await this.write(scaleSet, { method: "POST", action: "delete/action", body }, async () => {
      scaleSet.sku.capacity -= instances.length;
      await Promise.all(instances.map((instance) => remove(this.engine, { scaleSet, instance })));
    });
  }

  async deleteScaleSet(scaleSet: ScaleSet): Promise<void> {
    await this.write(scaleSet, { method: "DELETE", action: "delete" }, async () => {
      await Promise.all(scaleSet.instances.map((instance) => remove(this.engine, { scaleSet, instance })));
      const { world } = this.engine;
      world.scaleSets = world.scaleSets.filter((other) => other !== scaleSet);
    });
  }

  /** Waits until the set takes the write (AKS tries again after a 409), then until the operation has ended. */
  async write(scaleSet: ScaleSet, call: Call, work: () => Promise<void>): Promise<void> {
    const { flow, operations, journal } = this.engine;
    await this.#free(scaleSet);
    const url = `https://management.azure.com${scaleSet.id}?api-version=2024-11-01`;
    const action = `${COMPUTE}/${call.action}`;
    const request = {
      method: call.method,
      action,
      ...(call.body !== undefined && { body: structuredClone(call.body) }),
    };
    const operation = operations.start({ ...request, scaleSet, caller: AKS, resource: scaleSet.id, url }, work);
    const status = call.method === "PUT" ? 200 : 202;
    journal.add({ at: flow.iso(), who: AKS.name, path: scaleSet.id, status, apiVersion: "2024-11-01", ...request });
    await operations.ended(operation);
  }

  async #free(scaleSet: ScaleSet): Promise<void> {
    const { flow, operations, unknowns, durations } = this.engine;
    while (unknowns.conflict === "refuse" && operations.busy(scaleSet).length > 0) await flow.wait(durations.retry);
  }

  scaleSetOf(cluster: Cluster, pool: Pool): ScaleSet {
    const found = this.engine.world.scaleSets.find((one) => one.clusterId === cluster.id && one.name === pool.scaleSet);
    if (!found) throw new Error(`no scale set ${pool.scaleSet}`);
    return found;
  }
}

/** Ends an operation as failed if an instance failed. */
export function refuse(failures: readonly ExtensionFailure[], target?: string): void {
  const [first] = failures;
  if (first) throw new OperationError(first.code, first.message, target);
}
