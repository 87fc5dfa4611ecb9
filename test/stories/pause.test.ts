import { afterAll, beforeAll, expect, test } from "vitest";
import type { ClusterStatus, Status } from "../../shared/report/status.ts";
import { makePackage, openBlobs, publish, storageToken } from "../packages.ts";
import { isWrite } from "../sandbox/view.ts";
import type { FunctionsHost } from "../simulators/host/functions-host.ts";
import { openWorld } from "../world.ts";

const MINUTE_MS = 60_000;
const world = await openWorld();
const state = openBlobs(`${world.hostAccountUrl}/aks-windows-metrics`, storageToken(world));
let host: FunctionsHost;
beforeAll(async () => {
  host = await world.load(() => import("../../functions/main.ts"));
  await world.clock.advance(25 * MINUTE_MS);
});
afterAll(() => world.stop());

function call(name: string, query: string, method = "POST"): Promise<Response> {
  return fetch(`${host.url}/api/${name}${query}`, {
    method,
    headers: { "x-functions-key": host.functionKeys[name] ?? "" },
  });
}

async function shop(): Promise<ClusterStatus> {
  const status: Status = JSON.parse(await (await call("status", "", "GET")).text());
  const [cluster] = status.clusters;
  if (!cluster) throw new Error("the status has no cluster");
  return cluster;
}

/** Returns the app's writes of Azure, as `akswin1`, and of Kubernetes, during some minutes. */
async function writesDuring(
  minutes: number,
): Promise<{ readonly arm: readonly string[]; readonly kubernetes: number }> {
  const before = { arm: world.arm.journal.length, kubernetes: world.simulator?.journal.length ?? 0 };
  await world.clock.advance(minutes * MINUTE_MS);
  const arm = world.arm.journal
    .slice(before.arm)
    .filter(({ who, method, action }) => who === "app" && isWrite({ method, action }))
    .map(({ path }) => /virtualMachineScaleSets\/(\w+)/i.exec(path)?.[1] ?? path);
  const verbs = (world.simulator?.journal ?? []).slice(before.kubernetes).map(({ verb }) => verb);
  return {
    arm: [...new Set(arm)].toSorted(),
    kubernetes: verbs.filter((verb) => !["GET", "LIST"].includes(verb)).length,
  };
}

test("a paused pool gets nothing, the other pool and the endpoints go on", async () => {
  expect((await call("pause", "?cluster=shop&pool=win1&for=PT4H")).status).toBe(200);
  await publish(world.packageContainer, makePackage("0.31.9"));
  await world.arm.aks.scale(world.cluster.id, "win2", 3);
  const { arm, kubernetes } = await writesDuring(40);
  expect(arm).toEqual(["akswin2"]);
  expect(kubernetes).toBeGreaterThan(0);
  const seen = await shop();
  expect(seen.pauses).toEqual([{ pool: "win1", until: expect.any(String) }]);
  expect(seen.summary[0]).toMatch(/^Pool win1 is paused until /);
  const paused = seen.problems.find(({ reason }) => reason === "paused");
  expect(paused).toMatchObject({ level: "waiting", pool: "win1", healsItself: true });
  expect(paused?.remedy?.command).toContain("/api/pause?cluster=shop&pool=win1&for=PT0S");
});

test("a resync while it is paused only plans", async () => {
  const { reports }: { reports: readonly { outcomes: readonly string[] }[] } = JSON.parse(
    await (await call("resync", "?cluster=shop&pool=win1")).text(),
  );
  expect(reports[0]?.outcomes.join()).toContain("withheld (paused)");
});

test("it ends by itself, and the app goes on", async () => {
  expect((await writesDuring(4 * 60)).arm).toContain("akswin1");
  const seen = await shop();
  expect(seen.pauses).toEqual([]);
  const told = seen.timeline.map(({ text }) => text).join("\n");
  expect(told).toMatch(/Pool win1: it is paused/);
  expect(told).toMatch(/No longer, after \d+ h: pool win1: it is paused/);
});

test("a paused cluster gets no write at all, within a minute, until the pause is ended", async () => {
  await call("pause", "?for=PT72H");
  await world.clock.advance(MINUTE_MS);
  await world.arm.aks.reconcile(world.cluster.id, "win1");
  expect(await writesDuring(30)).toEqual({ arm: [], kubernetes: 0 });
  await world.arm.aks.scale(world.cluster.id, "win2", 4);
  expect(await writesDuring(60)).toEqual({ arm: [], kubernetes: 0 });
  expect((await shop()).summary[0]).toMatch(/^The app is paused here until /);
  await call("pause", "?for=PT0S");
  const { arm, kubernetes } = await writesDuring(30);
  expect(arm).toContain("akswin1");
  expect(kubernetes).toBeGreaterThan(0);
});

test("a pause that cannot be read withholds every action, and the page says so", async () => {
  const blob = state.getBlockBlobClient("pauses/00000000-0000-4000-8000-000000000001/shop-rg/shop.json");
  await blob.upload("{}", 2);
  await world.arm.aks.reconcile(world.cluster.id, "win1");
  expect((await writesDuring(40)).arm).toEqual([]);
  expect((await shop()).problems[0]).toMatchObject({ level: "trouble", title: "The pauses cannot be read" });
  await call("pause", "?for=PT0S");
  expect((await writesDuring(30)).arm).toEqual(["akswin1"]);
});

test.each([
  { query: "?for=PT73H", status: 400, says: "expected an ISO 8601 duration up to PT72H" },
  { query: "", status: 400, says: "for: found ''" },
  { query: "?for=PT1H&until=x", status: 400, says: "found the parameter until, expected cluster, pool or for" },
  { query: "?cluster=depot&for=PT1H", status: 404, says: "found no cluster 'depot'" },
  {
    query: "?pool=win9&for=PT1H",
    status: 404,
    says: "found no Windows pool 'win9' in shop, expected one of: win1, win2",
  },
])("$query is refused: $says", async ({ query, status, says }) => {
  const answer = await call("pause", query);
  expect(answer.status).toBe(status);
  expect(await answer.text()).toContain(says);
});
