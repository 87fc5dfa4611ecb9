import type { Instance, ScaleSet } from "../simulators/arm/world.ts";
import type { World } from "../world.ts";
import { extensionOf, isWrite, viewPublished } from "./view.ts";

/** Returns whether AKS has no operation in progress, by the state of a cluster or a pool. */
export function isAksAtRest(state: string): boolean {
  return state === "Succeeded" || state === "Failed";
}

/** Returns the running Windows instances with their scale sets: they should have the package. */
function runningWindows({ arm }: World): readonly { scaleSet: ScaleSet; instance: Instance }[] {
  return arm.world.scaleSets
    .filter(({ virtualMachineProfile: profile }) => profile.storageProfile.osDisk.osType === "Windows")
    .flatMap((scaleSet) => scaleSet.instances.map((instance) => ({ scaleSet, instance })))
    .filter(({ instance }) => instance.power === "running");
}

/** Returns what has not converged yet: operations in progress, and instances without the package. */
export function findUnconverged(world: World, packageHash: string): readonly string[] {
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

/** Watches the app's writes. Adds each write on a busy cluster or pool to the list that it returns. */
export function watchWrites({ arm, cluster }: World): readonly string[] {
  const wrong: string[] = [];
  arm.onJournal((entry) => {
    if (entry.who !== "app" || !isWrite(entry) || entry.status >= 300) return;
    const pool = cluster.pools.find(({ scaleSet }) => entry.path.toLowerCase().includes(`/${scaleSet.toLowerCase()}/`));
    const busy = [cluster, ...(pool ? [pool] : [])].filter(({ state }) => !isAksAtRest(state));
    for (const { name, state } of busy) wrong.push(`${entry.action} while ${name} was ${state}`);
  });
  return wrong;
}

/** Checks that exactly the running Windows nodes are published, each exactly once, and that their exporters respond. */
export async function findUnpublished(world: World): Promise<readonly string[]> {
  const { endpoints, slices } = await viewPublished(world);
  const nodes = runningWindows(world).map(({ instance }) => instance.ip);
  const silent = world.arm.world.scaleSets
    .flatMap(({ instances }) => instances)
    .filter(({ power }) => power !== "running");
  const allowed = new Set([...nodes, ...silent.map(({ ip }) => ip)]);
  return [endpoints, slices.flatMap(({ addresses }) => addresses)].flatMap((published) => [
    ...nodes
      .filter((ip) => published.filter((each) => each === ip).length !== 1)
      .map((ip) => `${ip} is not published exactly once`),
    ...published.filter((ip) => !allowed.has(ip)).map((ip) => `${ip} is published, but no machine has this address`),
    ...nodes.filter((ip) => !world.fleet.answers(ip, 9182)).map((ip) => `no exporter responds at ${ip}`),
  ]);
}

/** Returns the violations of the conditions that must hold after every step. */
export async function findViolations(
  world: World,
  packageHash: string,
  wrongWrites: readonly string[],
): Promise<readonly string[]> {
  return [
    ...findUnconverged(world, packageHash),
    ...(await findUnpublished(world)),
    ...world.arm.world.violations.map(({ text }) => text),
    ...wrongWrites,
    ...world.clock.failures.map((failure) => `a simulator failed: ${String(failure)}`),
  ];
}
