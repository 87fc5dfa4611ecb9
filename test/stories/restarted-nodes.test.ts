import { afterEach, describe, expect, test } from "vitest";
import { makePackage, publish } from "../packages.ts";
import { instanceStates, openPasses, type Passes, reportText } from "../passes.ts";
import { findUnconverged, watchWrites } from "../sandbox/invariants.ts";
import { SHOP } from "../world.ts";

let opened: Passes | undefined;
afterEach(async () => {
  await opened?.world.stop();
  opened = undefined;
});

/** Opens a cluster with GPU pools, whose fresh nodes AKS restarts 15 s after its own extension. */
async function openGpu(restartedRun: "begins-again" | "never-reports"): Promise<Passes> {
  const pools = ["win1", "win2"].map((name) => ({ name, os: "Windows" as const, count: 3, image: "20348.3000" }));
  opened = await openPasses({ cluster: { ...SHOP, pools }, arm: { unknowns: { restartedRun } } });
  for (const { name } of pools) await opened.world.arm.actors.restartFreshNodes(opened.world.cluster.id, name, true);
  return opened;
}

/** Returns how often each instance was restarted. */
const bootsOf = ({ world }: Passes): readonly number[] =>
  world.arm.world.scaleSets.flatMap(({ instances }) => instances.map(({ boots }) => boots));

describe.each(["begins-again", "never-reports"] as const)("AKS restarts fresh nodes, and a run %s", (restartedRun) => {
  test("new and reimaged nodes converge, and no package or pool is held for it", async () => {
    const passes = await openGpu(restartedRun);
    const { world, live, pass } = passes;
    const wrong = watchWrites(world);
    await live(60);
    // Extensions run in random order: of 6 new nodes, the restart interrupts ours on some.
    await world.arm.actors.autoscale(world.cluster.id, "win1", 9);
    const states = (await live(30)).map((report) => instanceStates(report));
    expect(states.some(({ failed = 0 }) => failed > 0)).toBe(restartedRun === "never-reports");
    await world.arm.aks.upgrade(world.cluster.id, "win2", { image: "20348.9999" });
    await live(75);
    expect(bootsOf(passes).filter((boots) => boots > 0).length).toBe(9);
    expect(findUnconverged(world, world.package.hash)).toEqual([]);
    expect(reportText(await pass()).verdicts).not.toContainEqual(expect.stringMatching(/held|restarted/));
    expect([...wrong, ...world.arm.world.violations.map(({ text }) => text)]).toEqual([]);
  });

  test("a package that is published while a node restarts is not held for it", async () => {
    const passes = await openGpu(restartedRun);
    const { world, live } = passes;
    await live(60);
    const next = makePackage("next");
    await publish(world.packageContainer, next);
    await live(1);
    await world.arm.actors.autoscale(world.cluster.id, "win1", 8);
    await live(180);
    expect(bootsOf(passes).filter((boots) => boots > 0).length).toBe(5);
    expect(findUnconverged(world, next.hash)).toEqual([]);
    expect(world.arm.world.violations).toEqual([]);
  });
});
