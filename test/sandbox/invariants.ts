import type { Instance, ScaleSet } from "../simulators/arm/world.ts";
import type { World } from "../world.ts";
import { extensionOf } from "./view.ts";

/** Windows instances that run, with their sets: those that should have the package. */
export function runningWindows({ arm }: World): readonly { scaleSet: ScaleSet; instance: Instance }[] {
  return arm.world.scaleSets
    .filter(({ virtualMachineProfile: profile }) => profile.storageProfile.osDisk.osType === "Windows")
    .flatMap((scaleSet) => scaleSet.instances.map((instance) => ({ scaleSet, instance })))
    .filter(({ instance }) => instance.power === "running");
}

/** What is not yet as it should be in a world at rest; empty when everything is. */
export function unfinished(world: World, packageHash: string): readonly string[] {
  const { cluster, arm } = world;
  const moving = [cluster, ...cluster.pools, ...arm.world.scaleSets].filter(({ state }) => state !== "Succeeded");
  const without = runningWindows(world).filter(({ instance }) => {
    const extension = extensionOf(instance);
    return extension?.state !== "succeeded" || extension.installed !== packageHash;
  });
  return [
    ...moving.map(({ name, state }) => `${name} is ${state}`),
    ...without.map(({ instance }) => `${instance.computerName} does not have package ${packageHash.slice(0, 12)}`),
  ];
}

/** Watches every write from outside AKS as it comes in; what it finds wrong stays in the list. */
export function watchWrites({ arm, cluster }: World): readonly string[] {
  const wrong: string[] = [];
  arm.onJournal((entry) => {
    if (entry.who !== "app" || entry.method === "GET" || entry.status >= 300) return;
    const pool = cluster.pools.find(({ scaleSet }) => entry.path.toLowerCase().includes(`/${scaleSet.toLowerCase()}/`));
    const busy = [cluster, ...(pool ? [pool] : [])].filter(({ state }) => state !== "Succeeded");
    for (const { name, state } of busy) wrong.push(`${entry.action} while ${name} was ${state}`);
  });
  return wrong;
}

/** Everything that must hold after every step. */
export function violations(world: World, packageHash: string, wrongWrites: readonly string[]): readonly string[] {
  return [
    ...unfinished(world, packageHash),
    ...world.arm.world.violations.map(({ text }) => text),
    ...wrongWrites,
    ...world.clock.failures.map((failure) => `a stand-in failed: ${String(failure)}`),
  ];
}
