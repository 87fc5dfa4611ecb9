import { expect, test } from "vitest";
import type { Passes } from "../passes.ts";
import { failRuns } from "./failing-runs.ts";
import { publishNext, rollBack, runningOn, SOAK_MINUTES, upgradesOf, useWorlds } from "./rollout-scenes.ts";
import { problemIn, see, statesIn } from "./seen.ts";
import { liveMinutes, openPools, until } from "./state-scenarios.ts";

const { open, opening } = useWorlds();

const first = (opened: Passes): string => opened.world.package.hash.slice(0, 8);
const isAll = (packages: readonly string[], one: string): boolean => packages.every((each) => each === one);

test("a package that is published to three pools is tried in one of them, on one node at a time, and soaks", async () => {
  const opened = await open([{ count: 3 }, { count: 2 }, { count: 2 }]);
  const next = (await publishNext(opened)).hash.slice(0, 8);
  const since = opened.world.arm.journal.length;
  await until(opened, () => runningOn(opened, "akswin1").includes(next));
  await liveMinutes(opened, SOAK_MINUTES - 2);
  expect(isAll([...runningOn(opened, "akswin2"), ...runningOn(opened, "akswin3")], first(opened))).toBe(true);
  expect(upgradesOf(opened, "akswin1", since).every((count) => count === 1)).toBe(true);
  await until(opened, () => ["akswin1", "akswin2", "akswin3"].every((set) => isAll(runningOn(opened, set), next)), 90);
  const told = (await see(opened)).timeline.map(({ text }) => text).join("\n");
  expect(told).toContain(`Package ${next} is proven`);
});

test("one that hangs or fails is held, its pool goes back, and no other node gets it before it is released", async () => {
  const opened = await open([{ count: 3 }, { count: 2 }]);
  const next = await publishNext(opened);
  const repair = failRuns(opened.world.dsc, "package", ({ settings }) => JSON.stringify(settings).includes(next.hash));
  await until(opened, (seen) => seen.problems.some(({ reason }) => reason === "canary-failed"));
  const seen = await until(opened, (each) => statesIn(each).every((state) => state === "covered"));
  expect(isAll(runningOn(opened, "akswin1"), first(opened))).toBe(true);
  expect(seen).toMatchObject({ level: "trouble", headline: "All 5 Windows nodes have metrics" });
  const since = opened.world.arm.journal.length;
  await liveMinutes(opened, 120);
  await opened.pass("resync");
  await liveMinutes(opened, 30);
  expect([...upgradesOf(opened, "akswin1", since), ...upgradesOf(opened, "akswin2", since)]).toEqual([]);
  repair();
  await opened.pass("resync", { release: { pool: undefined } });
  const isDone = () => isAll([...runningOn(opened, "akswin1"), ...runningOn(opened, "akswin2")], next.hash.slice(0, 8));
  await until(opened, isDone, 90);
});

test("a rollback in the middle of a rollout needs no canary", async () => {
  const opened = await open([{ count: 3 }, { count: 2 }]);
  const next = (await publishNext(opened)).hash.slice(0, 8);
  await until(opened, () => runningOn(opened, "akswin1").includes(next));
  await rollBack(opened);
  const since = opened.world.arm.journal.length;
  await until(opened, () => isAll(runningOn(opened, "akswin1"), first(opened)));
  await liveMinutes(opened, 20);
  expect(upgradesOf(opened, "akswin2", since)).toEqual([]);
  expect((await see(opened)).problems).toEqual([]);
});

test("a lost memory in the middle of a trial begins it again, in the same pool", async () => {
  const opened = await open([{ count: 3 }, { count: 2 }]);
  const next = (await publishNext(opened)).hash.slice(0, 8);
  await until(opened, () => runningOn(opened, "akswin1").includes(next));
  for await (const { name } of opened.state.listBlobsFlat({ prefix: "memory/" })) await opened.state.deleteBlob(name);
  await liveMinutes(opened, SOAK_MINUTES - 2);
  expect(isAll(runningOn(opened, "akswin2"), first(opened))).toBe(true);
  await until(opened, () => isAll([...runningOn(opened, "akswin1"), ...runningOn(opened, "akswin2")], next), 90);
});

test("on the only pool, which scales to 0 and back, the trial goes on with the next node", async () => {
  const opened = await open([{ count: 1 }]);
  const { arm, cluster } = opened.world;
  const next = (await publishNext(opened)).hash.slice(0, 8);
  await until(opened, () => runningOn(opened, "akswin1").includes(next));
  await arm.aks.scale(cluster.id, "win1", 0);
  await liveMinutes(opened, 3 * 60);
  expect((await see(opened)).level).not.toBe("trouble");
  await arm.aks.scale(cluster.id, "win1", 2);
  await until(opened, (seen) => statesIn(seen).every((each) => each === "covered") && seen.nodes.length === 2, 90);
  expect(isAll(runningOn(opened, "akswin1"), next)).toBe(true);
});

test("a CANARY_POOL that does not exist is said, and the next pool tries the package after two hours", async () => {
  const opened = await opening(openPools({ settings: { CANARY_POOL: "win9", ROLLOUT_SOAK: "PT5M" } }));
  await liveMinutes(opened, 60);
  const seen = await see(opened);
  expect(problemIn(seen, "canary-pool").message).toMatch(/CANARY_POOL: found 'win9', expected .* win1/);
  expect(statesIn(seen)).toEqual(["queued", "queued"]);
  await until(opened, (each) => statesIn(each).every((state) => state === "covered"), 120);
});
