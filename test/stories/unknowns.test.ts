import { expect, test } from "vitest";
import { openPasses, instanceStates } from "../passes.ts";
import { findUnconverged, watchWrites } from "../sandbox/invariants.ts";
import { DEFAULT_UNKNOWNS, type Unknowns } from "../simulators/arm/unknowns.ts";
import { SHOP } from "../world.ts";

const cluster = { ...SHOP, pools: [{ name: "win1", os: "Windows" as const, count: 3, image: "20348.3000" }] };

/** Each switch with a value other than its default. */
const FLIPPED: Required<{ [K in keyof Unknowns]: Partial<Unknowns> }> = {
  latestModelApplied: { latestModelApplied: "by-revision" },
  instanceViewShowsForceUpdateTag: { instanceViewShowsForceUpdateTag: true },
  scaleForeignExtensions: { scaleForeignExtensions: "keep" },
  aksFollowUpWrite: { aksFollowUpWrite: true },
  conflict: { conflict: "preempt" },
  manualUpgradeOfDeallocated: { manualUpgradeOfDeallocated: "refuse" },
  manualUpgradeOfProtected: { manualUpgradeOfProtected: "apply" },
  manualUpgradeOfCurrent: { manualUpgradeOfCurrent: "rerun" },
  manualUpgradeReimages: { manualUpgradeReimages: false },
  protectedSettingsAloneRerun: { protectedSettingsAloneRerun: true },
  extensionPutBumpsEtag: { extensionPutBumpsEtag: false },
  extensionPutEchoesProtectedSettings: { extensionPutEchoesProtectedSettings: false },
  suppressedFailureShows: { suppressedFailureShows: false },
};
const names = Object.keys(FLIPPED);

/** Pairs of switches, the same for the same seed. */
function pairs(
  seed: number,
  count: number,
): readonly { readonly pair: string; readonly unknowns: Partial<Unknowns> }[] {
  const flips = Object.entries(FLIPPED);
  return Array.from({ length: count }, (_, index) => {
    const [a, b] = [(seed + index * 5) % flips.length, (seed + index * 7 + 1) % flips.length].map((at) => flips[at]);
    return { pair: `${a?.[0]} and ${b?.[0]}`, unknowns: { ...a?.[1], ...b?.[1] } };
  });
}

/** Install, scale out in the middle of it, deallocate one, upgrade, start it again: then everything has the package. */
async function playWith(unknowns: Partial<Unknowns>): Promise<readonly string[]> {
  const { world, live, pass } = await openPasses({ cluster, arm: { unknowns } });
  const wrongWrites = watchWrites(world);
  await live(3);
  await world.arm.aks.scale(world.cluster.id, "win1", 5);
  await live(30);
  await world.arm.aks.deallocate("akswin1", "1");
  await live(5);
  await world.arm.aks.upgrade(world.cluster.id, "win1", { image: "20348.9999" });
  await live(45);
  await world.arm.aks.start("akswin1", "1");
  await live(10);
  const states = instanceStates(await pass());
  // The sleeper slept through the upgrade: it has the old image, and is AKS's to mend.
  const behind = world.arm.world.scaleSets[0]?.instances.filter(({ image }) => image !== "20348.9999").length ?? 0;
  const left = findUnconverged(world, world.package.hash);
  const wrong = [
    ...wrongWrites,
    ...world.arm.world.violations.map(({ text }) => text),
    ...world.clock.failures.map(String),
  ];
  await world.stop();
  return [...wrong, ...(left.length > behind ? [...left, JSON.stringify(states)] : [])];
}

test("every switch of the simulator is flipped by a test", () => {
  expect(names.toSorted()).toEqual(Object.keys(DEFAULT_UNKNOWNS).toSorted());
});

test.each(names)("it heals with %s the other way", async (name) => {
  const unknowns = Object.entries(FLIPPED).find(([each]) => each === name)?.[1] ?? {};
  expect(await playWith(unknowns)).toEqual([]);
});

test.each(pairs(3, 4))("it heals with $pair the other way", async ({ unknowns }) => {
  expect(await playWith(unknowns)).toEqual([]);
});
