import { afterAll, expect, test } from "vitest";
import { openPublishedWorld } from "../sandbox/sandbox.ts";
import { play, STORY } from "../sandbox/story.ts";
import { isWrite } from "../sandbox/view.ts";

const published = await openPublishedWorld();
const { world } = published;
afterAll(() => published.stop());

test("converges after each step of the story, without an upgrade across images", async () => {
  await world.load(() => import("../../functions/main.ts"));
  const lines: string[] = [];
  const wrong = await play(published, STORY, (line) => lines.push(line));
  expect({ wrong, lines }).toMatchObject({ wrong: [] });
  expect(lines.filter((line) => line.includes(": converged in "))).toHaveLength(STORY.length);
});

test("writes only extensions and manual upgrades, and never a scale set", () => {
  const writes = world.arm.journal.filter(({ who, method, action }) => who === "app" && isWrite({ method, action }));
  expect(new Set(writes.map(({ action }) => action))).toEqual(
    new Set([
      "Microsoft.Compute/virtualMachineScaleSets/extensions/write",
      "Microsoft.Compute/virtualMachineScaleSets/manualUpgrade/action",
    ]),
  );
});

test("starts the rollout in each pool with one instance, the canary", () => {
  for (const set of ["akswin1", "akswin2"]) {
    const first = world.arm.journal.find(({ who, path }) => who === "app" && path.endsWith(`/${set}/manualupgrade`));
    expect(first?.body).toMatchObject({ instanceIds: [expect.any(String)] });
  }
});
