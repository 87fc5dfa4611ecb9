import { restartNode } from "./actors/node-restart.ts";
import type { Engine } from "./engine.ts";
import { needsRun, runExtensions } from "./extensions.ts";
import type { Failure } from "./http.ts";
import { hasOtherImage, imageOf, newestImageOf } from "./images.ts";
import { isBootstrap } from "./scripted-failures.ts";
import type { Cluster, Instance, ModelExtension, ScaleSet } from "./world.ts";
import { contentOf, same } from "./world.ts";

/** Creates an instance from the scale set's current model; ids are never reused. */
export function newInstance(engine: Engine, cluster: Cluster, scaleSet: ScaleSet): Instance {
  const id = scaleSet.nextInstanceId++;
  const address = cluster.nextIp++;
  const instance: Instance = {
    id: String(id),
    vmId: engine.flow.guid(),
    // The computer name is the prefix and the id in base 36, with six digits.
    computerName: scaleSet.virtualMachineProfile.osProfile.computerNamePrefix + id.toString(36).padStart(6, "0"),
    ip: `10.240.${Math.floor(address / 256)}.${address % 256}`,
    power: "starting",
    state: "Creating",
    ...diskOf(engine, scaleSet),
    protection: { protectFromScaleIn: false, protectFromScaleSetActions: false },
    agentSilent: false,
    boots: 0,
    upAt: 0,
    life: 0,
  };
  scaleSet.instances.push(instance);
  return instance;
}

/** Returns the state of an instance with a new OS disk: the image of the model, and no extensions. */
function diskOf({ world }: Engine, scaleSet: ScaleSet): Pick<Instance, "image" | "sku" | "applied" | "extensions"> {
  const image = newestImageOf(world, scaleSet.virtualMachineProfile);
  return { image, sku: scaleSet.sku.name, applied: contentOf(scaleSet), extensions: [] };
}

/** Boots a new instance and runs every extension of its model. */
export function provision(engine: Engine, set: ScaleSet, instance: Instance): Promise<Failure> {
  const run = instance.applied.profile.extensionProfile.extensions;
  return bringUp(engine, set, instance, { takes: engine.durations.createInstance, run, boots: true });
}

/** Replaces the OS disk: id and vmId stay, all extensions are lost, and those of the model run again. */
export function reimage(engine: Engine, set: ScaleSet, instance: Instance): Promise<Failure> {
  Object.assign(instance, { life: instance.life + 1, state: "Updating", ...diskOf(engine, set) });
  const run = instance.applied.profile.extensionProfile.extensions;
  return bringUp(engine, set, instance, { takes: engine.durations.reimage, run, boots: true });
}

/** Starts a deallocated instance; only extensions whose run was interrupted run again. */
export function start(engine: Engine, set: ScaleSet, instance: Instance): Promise<Failure> {
  Object.assign(instance, { life: instance.life + 1, power: "starting" });
  const cutOff = instance.extensions.filter(({ state }) => state === "transitioning");
  const run = cutOff.map(({ name, ran }) => ({ name, properties: ran }));
  return bringUp(engine, set, instance, { takes: engine.durations.start, run, boots: true });
}

/**
 * Applies the whole model to an instance, as manualupgrade does. Another image or size replaces the OS disk
 * (MicrosoftDocs/azure-docs#68685, kubernetes/kubernetes#71594).
 */
export async function upgradeInstance(engine: Engine, set: ScaleSet, instance: Instance): Promise<Failure> {
  const { unknowns, world, flow, durations } = engine;
  const current = world.latestModelApplied(set, instance);
  if (current && unknowns.manualUpgradeOfCurrent === "nothing") return undefined;
  if (hasOtherImage(set, instance.applied.profile) || set.sku.name !== instance.sku) {
    const image = imageOf(set.virtualMachineProfile);
    const text = `upgraded from ${instance.image} ${instance.sku} to ${image} ${set.sku.name} without a drain`;
    world.violations.push({ at: flow.iso(), scaleSet: set.name, instance: instance.id, text });
    return reimage(engine, set, instance);
  }
  const { life } = instance;
  instance.state = "Updating";
  const applied = contentOf(set);
  const model = applied.profile.extensionProfile.extensions;
  instance.extensions = instance.extensions.filter(({ name }) => model.some((wanted) => same(wanted.name, name)));
  const run = model.filter((extension) => current || needsRun(engine, instance, extension));
  const isBootstrapped = runsBootstrapAgain(instance, run);
  if (isBootstrapped) {
    const text = "the upgrade ran vmssCSE, AKS's bootstrap, again on a live node";
    world.violations.push({ at: flow.iso(), scaleSet: set.name, instance: instance.id, text });
  }
  const takes = run.length === 0 ? durations.upgradeInstance : 0;
  const failure = await bringUp(engine, set, instance, { takes, run, boots: false });
  if (instance.life !== life) return failure;
  instance.applied = applied;
  if (isBootstrapped && unknowns.bootstrapAgainRestarts) restartNode(engine, instance);
  return failure;
}

function runsBootstrapAgain({ extensions }: Instance, run: readonly ModelExtension[]): boolean {
  return run.some(
    (extension) =>
      isBootstrap(extension) &&
      extensions.some(({ name, state }) => same(name, extension.name) && state === "succeeded"),
  );
}

/** Stops an instance; the instance view has no extensions until it runs again. */
export async function deallocate(engine: Engine, _set: ScaleSet, instance: Instance): Promise<undefined> {
  const life = ++instance.life;
  instance.power = "deallocating";
  await engine.flow.wait(engine.durations.deallocate);
  if (instance.life === life) Object.assign(instance, { power: "deallocated", state: "Succeeded" });
}

/** Deletes an instance. */
export async function remove(engine: Engine, set: ScaleSet, instance: Instance): Promise<undefined> {
  Object.assign(instance, { life: instance.life + 1, state: "Deleting" });
  set.sku.capacity -= 1;
  await engine.flow.wait(engine.durations.deleteInstance);
  set.instances = set.instances.filter((other) => other !== instance);
}

/** Boots an instance if it has to, and runs its extensions, unless it is interrupted; returns the first failure. */
async function bringUp(
  engine: Engine,
  set: ScaleSet,
  instance: Instance,
  { takes, run, boots }: { takes: number; run: readonly ModelExtension[]; boots: boolean },
): Promise<Failure> {
  const { life } = instance;
  await engine.flow.wait(takes);
  if (instance.life !== life) return undefined;
  instance.power = "running";
  if (boots) instance.upAt = engine.flow.clock.now();
  const failure = await runExtensions(engine, set, instance, run);
  if (instance.life === life) Object.assign(instance, { state: failure ? "Failed" : "Succeeded", failure });
  return failure;
}
