import { afterAll, beforeAll, expect, test } from "vitest";
import { endpointsFlow } from "../../shared/endpoints/flow.ts";
import { extensionFlow } from "../../shared/extension/flow.ts";
import type { Flow } from "../../shared/model/flow.ts";
import { parseClusterId } from "../../shared/model/ids.ts";
import { blobName } from "../../shared/reconcile/blobs.ts";
import type { Status } from "../../shared/report/status.ts";
import { openBlobs, storageToken } from "../packages.ts";
import type { FunctionsHost } from "../simulators/host/functions-host.ts";
import { openWorld } from "../world.ts";

const MINUTE_MS = 60_000;
const BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const world = await openWorld();
let host: FunctionsHost;
beforeAll(async () => {
  host = await world.load(() => import("../../functions/main.ts"));
});
afterAll(() => world.stop());

const keyOf = (name: string): string => host.functionKeys[name] ?? "";

function get(accept: string): Promise<Response> {
  return fetch(`${host.url}/api/status?code=${keyOf("status")}`, { headers: { accept } });
}

async function status(): Promise<Status> {
  const answer = await get("*/*");
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toContain("application/json");
  return JSON.parse(await answer.text());
}

const state = openBlobs(`${world.hostAccountUrl}/aks-windows-metrics`, storageToken(world));

/** Returns every blob of the app with its ETag and lease state, to detect any write. */
async function blobs(): Promise<readonly string[]> {
  const found: string[] = [];
  if (!(await state.exists())) return found;
  for await (const { name, properties } of state.listBlobsFlat()) {
    found.push(`${name} ${properties.etag} ${properties.leaseState}`);
  }
  return found;
}

test("reports that no pass has run before the first one, and creates no container", async () => {
  const { clusters, app } = await status();
  expect(app).toMatchObject({ mode: "install", version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
  expect(clusters).toMatchObject([{ name: "shop", level: "waiting", headline: "No pass has run yet", pools: [] }]);
  expect(clusters[0]?.passes).toMatchObject([
    { flow: "extension", result: "No pass has run yet." },
    { flow: "endpoints", result: "No pass has run yet." },
  ]);
  expect(await state.exists()).toBe(false);
});

test("JSON has each node with its state after the installation, and each pass", async () => {
  await world.clock.advance(40 * MINUTE_MS);
  const [cluster] = (await status()).clusters;
  expect(cluster).toMatchObject({
    level: "well",
    headline: "All 5 Windows nodes have metrics",
    counts: { covered: 5 },
  });
  const pools = cluster?.pools.map(({ pool, nodes }) => [pool, nodes.map(({ node, state: is }) => `${node} ${is}`)]);
  expect(pools).toEqual([
    ["win1", ["akswin1000000 covered", "akswin1000001 covered", "akswin1000002 covered"]],
    ["win2", ["akswin2000000 covered", "akswin2000001 covered"]],
  ]);
  const extension = cluster?.passes.find(({ flow }) => flow === "extension");
  expect(extension).toMatchObject({ cause: "timer", level: "well" });
  expect(extension?.observed).toContain("cluster shop is Succeeded");
  expect(Date.parse(extension?.requeueAt ?? "")).toBeGreaterThan(Date.parse(extension?.endedAt ?? ""));
});

test("reports each node with its published address", async () => {
  const [cluster] = (await status()).clusters;
  const seen = cluster?.passes.find(({ flow }) => flow === "endpoints")?.observed ?? [];
  const nodes = cluster?.pools.flatMap((pool) => pool.nodes) ?? [];
  expect(nodes.map(({ published }) => published.state)).toEqual(Array.from({ length: 5 }, () => "ready"));
  expect(seen).toEqual(expect.arrayContaining(nodes.map(({ published }) => published.endpoint)));
});

test("returns the same to a browser, as a page without scripts or external resources", async () => {
  const answer = await get(BROWSER);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(answer.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-/);
  expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
  const page = await answer.text();
  expect(page).toContain("All 5 Windows nodes have metrics");
  expect(page).toContain("akswin2000001");
  expect(page).not.toContain("<script");
});

test("writes nothing, and makes no call to Azure", async () => {
  const before = { blobs: await blobs(), calls: world.arm.journal.length };
  expect(before.blobs.length).toBeGreaterThan(0);
  await get("*/*");
  await get(BROWSER);
  expect(world.arm.journal).toHaveLength(before.calls);
  expect(await blobs()).toEqual(before.blobs);
});

test("no response contains a key", async () => {
  for (const accept of ["*/*", BROWSER]) {
    const text = await (await get(accept)).text();
    for (const key of [keyOf("status"), keyOf("resync"), host.masterKey]) expect(text).not.toContain(key);
  }
});

test("returns 401 without a key, and with another function's key", async () => {
  expect((await fetch(`${host.url}/api/status`)).status).toBe(401);
  expect((await fetch(`${host.url}/api/status?code=${keyOf("resync")}`)).status).toBe(401);
});

/** Returns the name of the blob with a flow's last report. */
function reportOf(flow: Flow<never>): string {
  return blobName("reports", { flow, cluster: parseClusterId(world.cluster.id) });
}

test("reports a stored report of an unknown shape, and redacts a secret in a valid one", async () => {
  const extension = state.getBlockBlobClient(reportOf(extensionFlow));
  const report: object = JSON.parse((await extension.downloadToBuffer()).toString("utf8"));
  const leaky = JSON.stringify({ ...report, observed: ["see https://x.example/p.zip?sig=PLANTED"] });
  await extension.upload(leaky, Buffer.byteLength(leaky));
  const odd = JSON.stringify({ schema: 99, verdicts: "many" });
  await state.getBlockBlobClient(reportOf(endpointsFlow)).upload(odd, Buffer.byteLength(odd));

  const passes = (await status()).clusters[0]?.passes;
  expect(passes?.find(({ flow }) => flow === "endpoints")?.result).toContain("unknown format");
  expect(passes?.find(({ flow }) => flow === "extension")?.observed).toEqual(["see https://x.example/p.zip?(hidden)"]);
  expect((await get(BROWSER)).status).toBe(200);
});

test("returns 502 with the remaining reports if one cannot be read", async () => {
  await state.getBlobClient(reportOf(endpointsFlow)).setAccessTier("Archive");
  const answer = await get("application/json");
  expect(answer.status).toBe(502);
  const { clusters }: Status = JSON.parse(await answer.text());
  expect(clusters[0]?.problems[0]).toMatchObject({
    level: "trouble",
    title: "The report of the endpoints pass cannot be read in shop",
    message: expect.stringContaining(`read ${reportOf(endpointsFlow)}: `),
  });
  expect(clusters[0]?.pools.map(({ pool }) => pool)).toEqual(["win1", "win2"]);
  expect((await get(BROWSER)).status).toBe(502);
});
