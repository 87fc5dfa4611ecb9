import { afterAll, expect, test } from "vitest";
import { App } from "../sandbox/app.ts";
import { Feed, plainLine } from "../sandbox/feed.ts";
import { Narrator } from "../sandbox/narrator.ts";
import { openPublishedWorld } from "../sandbox/sandbox.ts";
import { play, STORY } from "../sandbox/story.ts";
import { isWrite } from "../sandbox/view.ts";

const published = await openPublishedWorld();
const { world } = published;
afterAll(() => published.stop());

test("converges after each step of the story, without an upgrade across images", async () => {
  const host = await world.load(() => import("../../functions/main.ts"));
  const feed = new Feed(world.clock);
  const lines: string[] = [];
  feed.listen((line) => lines.push(plainLine(line)));
  const narrator = new Narrator({ world, app: new App(world, host), feed });
  const wrong = await play(published, STORY, { feed, tell: () => narrator.tell() });
  expect({ wrong, lines }).toMatchObject({ wrong: [] });
  expect(lines.filter((line) => line.includes("story  ✓ converged in "))).toHaveLength(STORY.length);
  const told = lines.join("\n");
  expect(told).toMatch(
    /3\. AKS upgrades pool win1[^]*The extension was dropped from win1, after this operation of AKS/,
  );
  expect(told).toMatch(/Every node of win1 has an exporter, after \d+ min; \d+ node-minutes were blind\./);
  expect(told).toMatch(/\d\d:\d\d {2}app {4}✓ All \d Windows nodes have metrics/);
  expect(new Set(lines.filter((line) => line.includes("was dropped"))).size).toBe(
    lines.filter((line) => line.includes("was dropped")).length,
  );
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
