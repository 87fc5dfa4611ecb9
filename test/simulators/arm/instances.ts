import type { Engine, Site } from "./engine.ts";
import { needsRun, runExtensions } from "./extensions.ts";
import type { ExtensionFailure } from "./extensions.ts";
import { carriesModel, contentOf, imageOf, same } from "./world.ts";
import type { Cluster, Instance, ScaleSet } from "./world.ts";

/** Makes an instance of the set's present model; ids are never used again. */
export function newInstance(engine: Engine, cluster: Cluster, scaleSet: ScaleSet): Instance {
  const id = scaleSet.nextInstanceId++;
  const address = cluster.nextIp++;
  const instance: Instance = {
    id: String(id),
    vmId: engine.flow.guid(),
    // Computer name = prefix + the id in base 36, six digits.
    computerName: scaleSet.virtualMachineProfile.osProfile.computerNamePrefix + id.toString(36).padStart(6, "0"),
    ip: `10.240.${Math.floor(address / 256)}.${address % 256}`,
    power: "starting",
    state: "Creating",
    image: imageOf(scaleSet.virtualMachineProfile),
    sku: scaleSet.sku.name,
    applied: contentOf(scaleSet),
    protection: { protectFromScaleIn: false, protectFromScaleSetActions: false },
    extensions: [],
    agentSilent: false,
    timeCreated: engine.flow.iso(),
    life: 0,
  };
  scaleSet.instances.push(instance);
  return instance;
}

/** Whether the instance counts as having the set's latest model. */
export function latestModelApplied(engine: Engine, { scaleSet, instance }: Site): boolean {
  if (engine.unknowns.latestModelApplied === "by-content") return carriesModel(scaleSet, instance);
  return instance.applied.revision === scaleSet.revision;
}

/** Boots a new instance and runs every extension of the model it was made from. */
export async function provision(engine: Engine, site: Site): Promise<ExtensionFailure[]> {
  const { instance } = site;
  const life = instance.life;
  await engine.flow.wait(engine.durations.createInstance);
  if (instance.life !== life) return [];
  instance.power = "running";
  return settle(site, await runExtensions(engine, site, instance.applied.profile.extensionProfile.extensions), life);
}

/** Replaces the OS disk: id and vmId stay, every extension is lost and those of the model run again. */
export async function reimage(engine: Engine, site: Site): Promise<ExtensionFailure[]> {
  const { instance, scaleSet } = site;
  const life = ++instance.life;
  instance.state = "Updating";
  instance.extensions = [];
  instance.applied = contentOf(scaleSet);
  instance.image = imageOf(scaleSet.virtualMachineProfile);
  instance.sku = scaleSet.sku.name;
  await engine.flow.wait(engine.durations.reimage);
  if (instance.life !== life) return [];
  return settle(site, await runExtensions(engine, site, instance.applied.profile.extensionProfile.extensions), life);
}

/** Brings an instance to the whole model, as manualupgrade does: image and size too. */
export async function upgradeInstance(engine: Engine, site: Site): Promise<ExtensionFailure[]> {
  const { instance, scaleSet } = site;
  const current = latestModelApplied(engine, site);
  if (current && engine.unknowns.manualUpgradeOfCurrent === "nothing") return [];
  const image = imageOf(scaleSet.virtualMachineProfile);
  if (image !== instance.image || scaleSet.sku.name !== instance.sku) {
    const text = `upgraded from ${instance.image} ${instance.sku} to ${image} ${scaleSet.sku.name} without a drain`;
    engine.world.violations.push({ at: engine.flow.iso(), scaleSet: scaleSet.name, instance: instance.id, text });
    if (engine.unknowns.manualUpgradeReimages) return reimage(engine, site);
  }
  const life = instance.life;
  instance.state = "Updating";
  const applied = contentOf(scaleSet);
  const model = applied.profile.extensionProfile.extensions;
  instance.extensions = instance.extensions.filter(({ name }) => model.some((wanted) => same(wanted.name, name)));
  const toRun = model.filter((extension) => current || needsRun(engine, site, extension));
  if (toRun.length === 0) await engine.flow.wait(engine.durations.upgradeInstance);
  const failures = await runExtensions(engine, site, toRun);
  if (instance.life === life) instance.applied = applied;
  return settle(site, failures, life);
}

/** Stops an instance; its extensions are not seen until it runs again. */
export async function deallocate(engine: Engine, { instance }: Site): Promise<void> {
  const life = ++instance.life;
  instance.power = "deallocating";
  await engine.flow.wait(engine.durations.deallocate);
  if (instance.life === life) Object.assign(instance, { power: "deallocated", state: "Succeeded" });
}

/** Starts a deallocated instance: only extensions whose run was cut off run again. */
export async function start(engine: Engine, site: Site): Promise<ExtensionFailure[]> {
  const { instance } = site;
  const life = ++instance.life;
  instance.power = "starting";
  await engine.flow.wait(engine.durations.start);
  if (instance.life !== life) return [];
  instance.power = "running";
  const cutOff = instance.extensions.filter(({ state }) => state === "transitioning");
  const again = cutOff.map(({ name, ran }) => ({ name, properties: ran }));
  return settle(site, await runExtensions(engine, site, again), life);
}

/** Deletes an instance. */
export async function remove(engine: Engine, { scaleSet, instance }: Site): Promise<void> {
  instance.life += 1;
  instance.state = "Deleting";
  await engine.flow.wait(engine.durations.deleteInstance);
  scaleSet.instances = scaleSet.instances.filter((other) => other !== instance);
}

function settle({ instance }: Site, failures: ExtensionFailure[], life: number): ExtensionFailure[] {
  if (instance.life === life) instance.state = failures.length > 0 ? "Failed" : "Succeeded";
  return failures;
}
