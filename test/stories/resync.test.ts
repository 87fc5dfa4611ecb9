import { afterAll, beforeAll, expect, test } from "vitest";
import { openBlobs, storageToken } from "../packages.ts";
import { isWrite } from "../sandbox/view.ts";
import type { FunctionsHost } from "../simulators/host/functions-host.ts";
import { openWorld } from "../world.ts";

const MINUTE_MS = 60_000;
const world = await openWorld();
let host: FunctionsHost;
beforeAll(async () => {
  host = await world.load(() => import("../../functions/main.ts"));
});
afterAll(() => world.stop());

function resync(query: string): Promise<Response> {
  return fetch(`${host.url}/api/resync${query}`, {
    method: "POST",
    headers: { "x-functions-key": host.functionKeys["resync"] ?? "" },
  });
}

interface Reply {
  readonly reports: readonly Record<string, readonly string[]>[];
  readonly failures: readonly string[];
}

async function replyOf(
  answer: Response,
): Promise<{ first: Record<string, readonly string[]>; failures: readonly string[] }> {
  const reply: Reply = JSON.parse(await answer.text());
  return { first: reply.reports[0] ?? {}, failures: reply.failures };
}

/** Returns every blob of both containers with its ETag, to detect any write. */
async function blobs(): Promise<readonly string[]> {
  const found: string[] = [];
  const state = openBlobs(`${world.hostAccountUrl}/aks-windows-metrics`, storageToken(world));
  for (const container of [world.packageContainer, state]) {
    if (!(await container.exists())) continue;
    for await (const blob of container.listBlobsFlat()) {
      found.push(`${container.containerName}/${blob.name} ${blob.properties.etag} ${blob.properties.leaseState}`);
    }
  }
  return found;
}

const writes = (): number =>
  world.arm.journal.filter(({ who, method, action }) => who === "app" && isWrite({ method, action })).length;

test("a dry run reports the planned actions and changes nothing", async () => {
  const before = await blobs();
  const answer = await resync("?dry-run");
  expect(answer.status).toBe(200);
  const { first } = await replyOf(answer);
  expect(first["plan"]).toEqual([`put-extension akswin1 (added): package ${world.package.hash.slice(0, 12)}`]);
  expect(first["outcomes"]?.[0]).toContain("withheld (dry-run)");
  expect(writes()).toBe(0);
  expect(await blobs()).toEqual(before);
});

test("a resync of one pool writes only to that pool", async () => {
  const other = await replyOf(await resync("?pool=win2"));
  expect(other.first["outcomes"]).toEqual([expect.stringMatching(/akswin1 \(added\).*withheld \(other-pool\)/)]);
  expect(writes()).toBe(0);
  const answer = await resync("?pool=win1");
  expect(answer.status).toBe(200);
  const { first } = await replyOf(answer);
  expect(first["outcomes"]).toEqual([expect.stringMatching(/akswin1 \(added\): package .*submitted/)]);
  const written = world.arm.journal.filter(({ method }) => method === "PUT").map(({ path }) => path.split("/").at(-3));
  expect(written).toEqual(["akswin1"]);
});

test("a resync continues where the last pass stopped, even if no pass is due", async () => {
  await world.clock.advance(20 * MINUTE_MS);
  const answer = await resync("?cluster=SHOP");
  const { first } = await replyOf(answer);
  expect(first["plan"]).toEqual([]);
  expect(first["verdicts"]).toEqual(
    expect.arrayContaining([expect.stringContaining("scale set akswin1 (pool win1): at-rest; 3 current")]),
  );
});

test.each([
  {
    query: "?cluster=nowhere",
    status: 404,
    error: "found no cluster 'nowhere', expected one of AKS_CLUSTER_IDS: shop",
  },
  { query: "?pool=linux", status: 404, error: "found no Windows pool 'linux', expected one of: win1, win2" },
  {
    query: "?clutser=shop",
    status: 400,
    error: "found the parameter clutser, expected cluster, pool, dry-run, adopt or release",
  },
  { query: "?dry-run=maybe", status: 400, error: "dry-run: found 'maybe', expected nothing, true or false" },
  { query: "?adopt=1", status: 400, error: "adopt: found '1', expected nothing, true or false" },
])("$query returns $status and the expected value", async ({ query, status, error }) => {
  const answer = await resync(query);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toEqual({ error });
});

test("accepts the key as a query parameter, and does not return it", async () => {
  const code = host.functionKeys["resync"] ?? "";
  const answer = await fetch(`${host.url}/api/resync?dry-run&code=${code}`, { method: "POST" });
  expect(answer.status).toBe(200);
  expect(await answer.text()).not.toContain(code);
});

test("returns 401 without a key", async () => {
  expect((await fetch(`${host.url}/api/resync`, { method: "POST" })).status).toBe(401);
});

test("returns 409 while a pass is running", async () => {
  const answers = await Promise.all([resync(""), resync("")]);
  expect(answers.map(({ status }) => status)).toEqual(expect.arrayContaining([200, 409]));
  const refused = answers.find(({ status }) => status === 409);
  expect(await refused?.json()).toMatchObject({ running: [world.cluster.id.toLowerCase()] });
});

test("returns 502 with the reports and the reason if a call fails", async () => {
  world.arm.faults.push({
    match: (_, path) => path.endsWith("/agentPools"),
    times: 9,
    status: 500,
    body: { error: { code: "InternalServerError", message: "oops" } },
  });
  const answer = await resync("");
  world.arm.faults.length = 0;
  expect(answer.status).toBe(502);
  const { failures, first } = await replyOf(answer);
  expect(failures[0]).toContain("list node pools of shop");
  expect(first["failure"]).toContain("oops");
});
