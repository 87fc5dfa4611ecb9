import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, expect, test } from "vitest";
import { choosePort } from "../ports.ts";
import { HELP, parseSandboxArguments } from "./arguments.ts";
import { openControl } from "./opened-control.ts";
import { extensionOf } from "./view.ts";

const control = await openControl();
const { world } = control;
afterAll(() => control.stop());

async function call(method: "GET" | "POST", path: string, body?: object): Promise<Record<string, unknown>> {
  const answer = await fetch(control.url + path, { method, ...(body && { body: JSON.stringify(body) }) });
  return { status: answer.status, ...JSON.parse(await answer.text()) };
}

const setNamed = (name: string) => world.arm.world.scaleSets.find((each) => each.name === name);
const instancesOf = (name: string) => setNamed(name)?.instances ?? [];

test("GET /world returns clusters, scale sets, nodes and published addresses", async () => {
  expect(await call("GET", "/world")).toMatchObject({
    status: 200,
    clock: expect.stringMatching(/^\d{4}-.*Z$/),
    real: ["azurite"],
    clusters: [{ name: "shop", state: "Succeeded", pools: expect.any(Array) }],
    scaleSets: expect.arrayContaining([expect.objectContaining({ name: "akswin1", extensions: [] })]),
    nodes: expect.arrayContaining([expect.objectContaining({ name: "akswin1000000", os: "windows", ready: true })]),
    published: { endpoints: [], slices: [] },
    arm: { requests: expect.any(Number), writes: {} },
    package: { current: world.package.hash },
    host: { invocations: {} },
    events: { delivered: 0, failed: 0 },
  });
});

test("POST /world/clock advances the clock and runs everything that is due", async () => {
  world.dsc.durationMs = 1;
  expect(await call("POST", "/world/extension", { duration: "PT30S" })).toMatchObject({ status: 200 });
  expect(world.dsc.durationMs).toBe(30_000);
  const before = world.clock.now();
  expect(await call("POST", "/world/clock", { advance: "PT20M" })).toMatchObject({ status: 200 });
  expect(world.clock.now() - before).toBeGreaterThanOrEqual(20 * 60_000);
  expect(await call("GET", "/world")).toMatchObject({
    arm: { writes: { "Microsoft.Compute/virtualMachineScaleSets/extensions/write": 2 } },
    host: { invocations: { reconcileTimer: expect.any(Number), scrapeEndpointsTimer: expect.any(Number) } },
    published: {
      endpoints: instancesOf("akswin1")
        .concat(instancesOf("akswin2"))
        .map(({ ip }) => ip),
    },
  });
});

test("GET /journal returns the entries from a number on", async () => {
  const answer = await fetch(`${control.url}/journal?since=5`);
  const entries: { n: number; who: string; action: string }[] = JSON.parse(await answer.text());
  expect(entries[0]?.n).toBe(5);
  expect(entries).toHaveLength(world.arm.journal.length - 4);
});

test("GET /arm returns an endpoint and a token, and GET /host the app's keys", async () => {
  const { token, endpoint } = await call("GET", "/arm");
  const url = `${String(endpoint)}${world.cluster.id}?api-version=2026-01-01`;
  expect((await fetch(url, { headers: { authorization: `Bearer ${String(token)}` } })).status).toBe(200);
  expect(await call("GET", "/host")).toMatchObject({ functionKeys: { resync: expect.any(String) } });
});

test("AKS scales, upgrades and reconciles pools, one operation at a time", async () => {
  expect(await call("POST", "/world/pools/win1/scale", { count: 4 })).toMatchObject({ status: 200 });
  expect(await call("POST", "/world/pools/win2/reconcile")).toMatchObject({ status: 409 });
  await call("POST", "/world/clock", { advance: "PT30M" });
  expect(instancesOf("akswin1").map((each) => extensionOf(each)?.state)).toEqual(Array(4).fill("succeeded"));
  expect(await call("POST", "/world/pools/win2/upgrade", { image: "20348.9999" })).toMatchObject({ status: 200 });
  await call("POST", "/world/clock", { advance: "PT40M" });
  expect(instancesOf("akswin2").map(({ image }) => image)).toEqual(["20348.9999", "20348.9999"]);
});

test("an instance can be deallocated, started and deleted, and its extension can fail", async () => {
  await call("POST", "/world/instances/akswin1/0/deallocate");
  await call("POST", "/world/clock", { advance: "PT5M" });
  expect(instancesOf("akswin1")[0]?.power).toBe("deallocated");
  await call("POST", "/world/instances/akswin1/0/start");
  await call("POST", "/world/instances/akswin1/1/delete");
  await call("POST", "/world/clock", { advance: "PT5M" });
  expect(instancesOf("akswin1").map(({ id, power }) => [id, power])).toEqual([
    ["0", "running"],
    ["2", "running"],
    ["3", "running"],
  ]);
  const failure = { cause: "package", times: 9 };
  expect(await call("POST", "/world/instances/akswin2/0/fail-extension", failure)).toMatchObject({ status: 200 });
  await call("POST", "/world/events", { deliver: false });
  await call("POST", "/world/pools/win2/upgrade", { image: "20348.1111" });
  await call("POST", "/world/clock", { advance: "PT40M" });
  const states = instancesOf("akswin2").map((each) => extensionOf(each)?.state);
  // The app retries the failed one.
  expect(["failed", "transitioning"]).toContain(states[0]);
  expect(states[1]).toBe("succeeded");
});

test.each([
  { path: "/world/pools/nope/scale", body: { count: 1 }, status: 404, error: "no pool nope" },
  { path: "/world/pools/win1/scale", body: { count: "5" }, status: 400, error: 'count: found "5"' },
  { path: "/world/clock", body: { advance: "soon" }, status: 400, error: "expected a duration" },
  { path: "/world/instances/akswin1/99/fail-extension", body: { cause: "agent" }, status: 404, error: "no instance" },
  {
    path: "/world/instances/akswin1/0/fail-extension",
    body: { cause: "x" },
    status: 400,
    error: "package, node, installer-busy, not-healthy, download, agent",
  },
  { path: "/nowhere", body: {}, status: 404, error: "expected one of GET /world" },
])("POST $path with $body returns $status and the expected input", async ({ path, body, status, error }) => {
  expect(await call("POST", path, body)).toMatchObject({ status, error: expect.stringContaining(error) });
});

test("a port in use is reported, and the next free port is used", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const lines: string[] = [];
  const env = { SANDBOX_PORT: String(port) };
  expect(await choosePort("SANDBOX_PORT", 1, { env, print: (line) => lines.push(line) })).toBeGreaterThan(port);
  expect(lines).toEqual([expect.stringContaining(`port ${port} (SANDBOX_PORT) is in use; using`)]);
  server.close();
});

test("--app selects the folder of the app; without it, the packaged zip runs", () => {
  expect(parseSandboxArguments(["--no-story", "--app", "."], {})).toMatchObject({ noStory: true, app: "." });
  expect(parseSandboxArguments([], {}).app).toBeUndefined();
});

test("--help names every option and variable", () => {
  expect(parseSandboxArguments(["--help"], {}).help).toBe(true);
  for (const name of ["--once", "--no-story", "--seed", "--app", "--no-app", "SANDBOX_SPEED", "SANDBOX_PORT"]) {
    expect(HELP).toContain(name);
  }
});

test.each([
  { args: ["--once", "--no-story"], error: "expected one of them" },
  { args: ["--once", "--no-app"], error: "expected one of them" },
  { args: ["--app", ".", "--no-app"], error: "expected one of them" },
  { args: ["--seed", "x"], error: "expected a whole number" },
  { args: ["--twice"], error: "--twice" },
])("the arguments $args are rejected", ({ args, error }) => {
  expect(() => parseSandboxArguments(args, {})).toThrow(error);
});
