import { afterEach } from "vitest";
import { type FixturePackage, makePackage, publish } from "../packages.ts";
import type { Passes } from "../passes.ts";
import { extensionOf } from "../sandbox/view.ts";
import type { PoolSpec } from "../simulators/arm/world.ts";
import type { WorldOptions } from "../world.ts";
import { statesIn } from "./seen.ts";
import { liveMinutes, openPools, until } from "./state-scenarios.ts";

export const SOAK_MINUTES = 10;

/** Opens pools on which the first package is installed, proven and published. */
export async function openInstalled(pools: readonly Partial<PoolSpec>[], options: WorldOptions = {}): Promise<Passes> {
  const settings = { ROLLOUT_SOAK: `PT${SOAK_MINUTES}M`, ...options.settings };
  const opened = await openPools({ ...options, settings }, pools);
  await until(opened, (seen) => statesIn(seen).every((each) => each === "covered"), 120);
  await liveMinutes(opened, SOAK_MINUTES);
  return opened;
}

/** Returns how a test opens its world, which ends with the test. */
export function useWorlds() {
  let passes: Passes | undefined;
  afterEach(async () => {
    await passes?.world.stop();
    passes = undefined;
  });
  const opening = async (world: Promise<Passes>): Promise<Passes> => {
    passes = await world;
    return passes;
  };
  return { opening, open: (...args: Parameters<typeof openInstalled>) => opening(openInstalled(...args)) };
}

/** Publishes another package, which names the first one as its previous. */
export async function publishNext({ world }: Passes, version = "0.31.9"): Promise<FixturePackage> {
  const next = makePackage(version, [world.package.hash]);
  await publish(world.packageContainer, next);
  return next;
}

/** Publishes the first package again, as a rollback does. */
export async function rollBack({ world }: Passes): Promise<void> {
  await publish(world.packageContainer, world.package);
}

/** Returns the packages that run on the nodes of a scale set, by the beginning of their hashes. */
export function runningOn({ world }: Passes, scaleSet: string): readonly string[] {
  const set = world.arm.world.scaleSets.find(({ name }) => name === scaleSet);
  return (set?.instances ?? []).map((each) => extensionOf(each)?.installed?.slice(0, 8) ?? "none");
}

/** Returns how many instances the app has upgraded in a scale set since an entry of the journal, one number an upgrade. */
export function upgradesOf({ world }: Passes, scaleSet: string, since = 0): readonly number[] {
  return world.arm.journal
    .slice(since)
    .filter(({ who, path }) => who === "app" && path.toLowerCase().endsWith(`/${scaleSet}/manualupgrade`))
    .map(({ body }) => Object.values(Object(body)).flat().length);
}
