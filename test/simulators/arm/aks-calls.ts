import { AKS } from "./actors/callers.ts";
import { checkLocks } from "./actors/locks.ts";
import { aksProfile } from "./aks-cluster.ts";
import type { Caller } from "./authenticate.ts";
import type { Engine } from "./engine.ts";
import { ArmError } from "./http.ts";
import { deallocate, newInstance, provision, reimage, remove, start } from "./instances.ts";
import { addToJournal } from "./journal.ts";
import { writeModel } from "./model-write.ts";
import { failWith, operationsOn, startOperation } from "./operations.ts";
import { modelEntry } from "./resources/scale-sets.ts";
import { isAksOwn } from "./scripted-failures.ts";
import type { Cluster, Instance, Pool, ScaleSet } from "./world.ts";

/** A call to Compute; `verb` is the part of its action after the resource type. */
type ComputeCall = {
  method: string;
  verb: string;
  /** The path of the written resource under the scale set, for example "/extensions/agent". */
  under?: string;
  body: unknown;
  work: () => Promise<void>;
};

/**
 * Waits until the scale set accepts the write (AKS retries after a 409), then until the operation has finished. The
 * caller has all permissions, but locks apply to it.
 */
export async function callCompute(
  engine: Engine,
  set: ScaleSet,
  makeCall: () => ComputeCall,
  caller: Caller = AKS,
): Promise<void> {
  const { flow, unknowns, durations } = engine;
  while (unknowns.conflict === "refuse" && operationsOn(engine, set).length > 0) await flow.wait(durations.retry);
  const { method, verb, under = "", body, work } = makeCall();
  const apiVersion = "2024-11-01";
  const resource = set.id + under;
  const url = `https://management.azure.com${resource}?api-version=${apiVersion}`;
  const action = `Microsoft.Compute/virtualMachineScaleSets/${verb}`;
  const record = (status: number): void => {
    const request = { who: caller.name, method, action, permissions: [action], path: resource, status, apiVersion };
    addToJournal(engine, JSON.stringify(body), request);
  };
  try {
    checkLocks(engine, method, resource);
  } catch (error) {
    if (error instanceof ArmError) record(error.status);
    throw error;
  }
  const { ended } = startOperation(engine, { scaleSet: set, caller, method, action, resource, url }, work);
  record(method === "PUT" ? 200 : 202);
  failWith([await ended]);
}

/** Returns the scale set of a pool. */
export function scaleSetOf({ world }: Engine, cluster: Cluster, pool: Pool): ScaleSet {
  const found = world.scaleSets.find(({ clusterId, name }) => clusterId === cluster.id && name === pool.scaleSet);
  if (!found) throw new Error(`no scale set ${pool.scaleSet}`);
  return found;
}

/** PUTs the full model with AKS's own extensions and tags, and creates the missing instances. */
export async function putModel(
  engine: Engine,
  cluster: Cluster,
  pool: Pool,
  { add = 0, keepForeign = false }: { add?: number; keepForeign?: boolean } = {},
): Promise<void> {
  const set = scaleSetOf(engine, cluster, pool);
  await callCompute(engine, set, () => {
    const { extensions } = set.virtualMachineProfile.extensionProfile;
    // AKS knows foreign extensions only from a response, which has no protectedSettings.
    const foreign = keepForeign ? extensions.filter((extension) => !isAksOwn(extension)).map(modelEntry) : [];
    const virtualMachineProfile = aksProfile(pool, foreign);
    const sku = { ...set.sku, capacity: set.instances.length + add };
    const tags = { "aks-managed-poolName": pool.name };
    const properties = { virtualMachineProfile, upgradePolicy: set.upgradePolicy, overprovision: false };
    const work = async (): Promise<void> => {
      await writeModel(engine, set, { virtualMachineProfile, sku, tags });
      const made = Array.from({ length: add }, () => newInstance(engine, cluster, set));
      failWith(await Promise.all(made.map((instance) => provision(engine, set, instance))));
    };
    return { method: "PUT", verb: "write", body: { location: set.location, sku, tags, properties }, work };
  });
}

/** The effect of each Compute action on an instance. */
const ACTIONS = { reimage, deallocate, start, delete: remove };

/** POSTs an action on several instances, as one operation. */
export async function actOn(
  engine: Engine,
  set: ScaleSet,
  verb: keyof typeof ACTIONS,
  instances: readonly Instance[],
): Promise<void> {
  const body = { instanceIds: instances.map(({ id }) => id) };
  const act = ACTIONS[verb];
  const work = async (): Promise<void> => failWith(await Promise.all(instances.map((one) => act(engine, set, one))));
  await callCompute(engine, set, () => ({ method: "POST", verb: `${verb}/action`, body, work }));
}
