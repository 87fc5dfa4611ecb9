import { expect, test } from "vitest";
import { openPasses } from "../passes.ts";

test("a denied write is tried again after an hour, six hours, then daily, and on resync at once", async () => {
  const EXTENSION_WRITE = "Microsoft.Compute/virtualMachineScaleSets/extensions/write";
  const { world, live, pass } = await openPasses({
    assignments: (granted) =>
      granted.map(({ scope, actions }) => ({ scope, actions: actions.filter((each) => each !== EXTENSION_WRITE) })),
  });
  const tries = () =>
    world.arm.journal.filter(({ action, path }) => action === EXTENSION_WRITE && path.includes("akswin1")).length;
  const at: number[] = [];
  await live(59);
  at.push(tries());
  await live(30);
  at.push(tries());
  await live(6 * 60 + 15);
  at.push(tries());
  await live(20 * 60);
  at.push(tries());
  await live(5 * 60);
  at.push(tries());
  expect(at).toEqual([1, 2, 3, 3, 4]);
  await pass("resync");
  expect(tries()).toBe(5);
  await world.stop();
});
