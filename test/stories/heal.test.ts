import { afterAll, expect, test } from "vitest";
import { openPublishedWorld } from "../sandbox/sandbox.ts";
import { play, STORY } from "../sandbox/story.ts";
import { isWrite } from "../sandbox/view.ts";

const published = await openPublishedWorld();
const { world } = published;
afterAll(() => published.stop());

test("scale-out, upgrade and reconcile drop the extension, and everything heals, with nothing upgraded across images", async () => {
  await world.load(() => import("../../functions/main.ts"));
  const lines: string[] = [];
  const wrong = await play(published, STORY, (line) => lines.push(line));
  expect({ wrong, lines }).toMatchObject({ wrong: [] });
  expect(lines.filter((line) => line.includes("healed"))).toHaveLength(STORY.length);
});

test("what AKS dropped was put back by the sub-resource alone: the app wrote no scale set", () => {
  const writes = world.arm.journal.filter(({ who, method, action }) => who === "app" && isWrite({ method, action }));
  expect(new Set(writes.map(({ action }) => action))).toEqual(
    new Set([
      "Microsoft.Compute/virtualMachineScaleSets/extensions/write",
      "Microsoft.Compute/virtualMachineScaleSets/manualUpgrade/action",
    ]),
  );
});

test("the first upgrade of each pool is of one instance, the canary", () => {
  for (const set of ["akswin1", "akswin2"]) {
    const first = world.arm.journal.find(({ who, path }) => who === "app" && path.endsWith(`/${set}/manualupgrade`));
    expect(first?.body).toMatchObject({ instanceIds: [expect.any(String)] });
  }
});
