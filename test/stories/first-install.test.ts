import { afterAll, expect, test } from "vitest";
import { openWorld, SHOP } from "../world.ts";

const world = await openWorld({
  cluster: {
    ...SHOP,
    pools: [
      { name: "system", os: "Linux", count: 1, image: "2204.2000" },
      { name: "win1", os: "Windows", count: 20, image: "20348.3000" },
    ],
  },
});
afterAll(() => world.stop());

test("installs on 20 instances within 20 minutes, with two minutes per instance and only the timer", async () => {
  world.events.arm.deliver = false;
  world.events.aks.deliver = false;
  await world.load(() => import("../../functions/main.ts"));
  const scaleSet = world.arm.world.scaleSets.find((each) => each.name === "akswin1");
  const installed = () =>
    (scaleSet?.instances ?? []).map((each) => each.extensions.find((e) => e.installed)?.installed);

  // The first pass is at the next full minute.
  await world.clock.advance(60_000);
  const steps: number[] = [];
  for (let minute = 0; minute < 20; minute++) {
    await world.clock.advance(60_000);
    steps.push(installed().filter((hash) => hash === world.package.hash).length);
  }
  expect(steps.at(-1), `current after each minute: ${steps.join(" ")}`).toBe(20);
  expect(world.arm.world.violations).toEqual([]);
  expect(world.clock.failures).toEqual([]);
});
