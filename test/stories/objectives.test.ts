import { afterEach, expect, test } from "vitest";
import type { Passes } from "../passes.ts";
import { upgradesOf } from "./rollout-scenes.ts";
import { see, statesIn } from "./seen.ts";
import { liveMinutes, openPools } from "./state-scenarios.ts";

let passes: Passes | undefined;
afterEach(async () => {
  await passes?.world.stop();
  passes = undefined;
});

/** Returns after how many minutes so many nodes have metrics; throws if they do not within the limit. */
async function minutesUntilCovered(opened: Passes, count: number, limit: number): Promise<number> {
  for (let minute = 1; minute <= limit; minute++) {
    await liveMinutes(opened, 1);
    const seen = await see(opened);
    if (seen.nodes.filter(({ hasMetrics }) => hasMetrics).length >= count) return minute;
  }
  throw new Error(`not within ${limit} minutes: ${JSON.stringify(statesIn(await see(opened)))}`);
}

test("60 nodes of a first installation: one after the other while the package soaks, then half of the pool", async () => {
  const opened = await openPools({ settings: { ROLLOUT_SOAK: "PT30M" } }, [{ count: 60 }]);
  passes = opened;
  const minutes = await minutesUntilCovered(opened, 60, 90);
  const batches = upgradesOf(opened, "akswin1");
  const alone = batches.findIndex((size) => size > 1);
  expect(alone).toBeGreaterThan(2);
  expect(Math.max(...batches)).toBeLessThanOrEqual(30);
  expect(minutes).toBeLessThanOrEqual(75);
});

test("100 reimaged nodes, one failing for ever and three silent: the others are covered within 30 minutes", async () => {
  const opened = await openPools({}, [{ count: 100 }]);
  passes = opened;
  const { arm, cluster } = opened.world;
  await minutesUntilCovered(opened, 100, 120);
  await arm.aks.upgrade(cluster.id, "win1", { image: "20348.9999" });
  arm.failExtension({ scaleSet: "akswin1", instanceId: "7", cause: "node", times: 999 });
  for (const instanceId of ["21", "22", "23"]) {
    arm.failExtension({ scaleSet: "akswin1", instanceId, cause: "agent", times: 999 });
  }
  while (cluster.pools.some(({ state }) => state !== "Succeeded")) await liveMinutes(opened, 1);
  const since = arm.journal.length;
  expect(await minutesUntilCovered(opened, 96, 60)).toBeLessThanOrEqual(30);
  expect(upgradesOf(opened, "akswin1", since)[0]).toBe(1);
});
