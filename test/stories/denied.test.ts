import { expect, test } from "vitest";
import { openPasses } from "../passes.ts";

test("retries a denied write after 5 and 15 minutes, 1 and 6 hours, then daily, and immediately on resync", async () => {
  const EXTENSION_WRITE = "Microsoft.Compute/virtualMachineScaleSets/extensions/write";
  const { world, live, pass } = await openPasses({
    assignments: (granted) =>
      granted.map(({ scope, actions }) => ({ scope, actions: actions.filter((each) => each !== EXTENSION_WRITE) })),
  });
  const attempts = () =>
    world.arm.journal.filter(({ action, path }) => action === EXTENSION_WRITE && path.includes("akswin1")).length;
  const at: number[] = [];
  for (const minutes of [4, 3, 16, 61, 6 * 60 + 1, 24 * 60 + 1]) {
    await live(minutes);
    at.push(attempts());
  }
  // The write itself takes a moment: the tick of the minute after is the first at which the wait is over.
  expect(at).toEqual([1, 2, 3, 4, 5, 6]);
  await pass("resync");
  expect(attempts()).toBe(7);
  await world.stop();
});
