import { afterAll, expect, test } from "vitest";
import { openControl } from "./opened-control.ts";

const control = await openControl();
const { world } = control;
afterAll(() => control.stop());

async function post(path: string, body: object = {}): Promise<Record<string, unknown>> {
  const answer = await fetch(control.url + path, { method: "POST", body: JSON.stringify(body) });
  return { status: answer.status, ...JSON.parse(await answer.text()) };
}

/** Makes the call, and expects that it is accepted. */
async function call(path: string, body: object = {}): Promise<void> {
  expect(await post(path, body)).toEqual({ status: 200, done: true });
}

const view = async (path: string): Promise<unknown> => (await fetch(control.url + path)).json();

const SET = "/virtualMachineScaleSets/akswin1";

/** Reads a scale set, or writes an extension of it, as the app's identity or as the operator. */
async function ask(method: "GET" | "PUT", path: string): Promise<unknown> {
  const group = `/subscriptions/${world.cluster.subscription}/resourceGroups/${world.cluster.nodeResourceGroup}`;
  const url = `${world.armUrl}${group}/providers/Microsoft.Compute${path}?api-version=2026-04-01`;
  const properties = { publisher: "Contoso", type: "Agent", typeHandlerVersion: "1.0" };
  const body = method === "PUT" && { body: JSON.stringify({ properties }) };
  const headers = { authorization: `Bearer ${world.operatorToken()}`, "content-type": "application/json" };
  const response = await fetch(url, { method, headers, ...body });
  return response.ok ? response.status : JSON.parse(await response.text()).error.code;
}

const instances = () => world.arm.world.scaleSets.find(({ name }) => name === "akswin1")?.instances ?? [];
const pool = () => world.cluster.pools.find(({ name }) => name === "win1");

test("the autoscaler scales a pool, and Azure evicts an instance", async () => {
  await call("/world/pools/win1/autoscale", { count: 4 });
  await world.clock.advance(5 * 60_000);
  expect(instances()).toHaveLength(4);
  await call("/world/instances/akswin1/3/evict", { policy: "Delete" });
  await call("/world/instances/akswin1/2/evict", { policy: "Deallocate" });
  await world.clock.advance(5 * 60_000);
  expect(instances().map(({ power }) => power)).toEqual(["running", "running", "deallocated"]);
});

test("AKS stops and starts a pool and the cluster", async () => {
  await call("/world/pools/win1/stop", { instances: "delete" });
  await world.clock.advance(10 * 60_000);
  expect([pool()?.powerState, instances().length]).toEqual(["Stopped", 0]);
  await call("/world/pools/win1/start");
  await world.clock.advance(10 * 60_000);
  await call("/world/cluster/stop");
  await world.clock.advance(10 * 60_000);
  expect([world.cluster.powerState, instances()[0]?.power]).toEqual(["Stopped", "deallocated"]);
  await call("/world/cluster/start", { foreign: "keep" });
  await world.clock.advance(10 * 60_000);
  expect([world.cluster.powerState, instances()[0]?.power]).toEqual(["Running", "running"]);
});

test("AKS does not end an operation on a cluster or a pool until it is released", async () => {
  await call("/world/pools/win1/hold");
  expect(await post("/world/cluster/hold")).toMatchObject({ status: 409 });
  await call("/world/pools/win1/release", { state: "Failed" });
  expect(pool()?.state).toBe("Failed");
  await call("/world/cluster/hold");
  expect(world.cluster.state).toBe("Updating");
  await call("/world/cluster/release", { state: "Succeeded" });
  expect(await post("/world/cluster/release", { state: "Succeeded" })).toMatchObject({ status: 404 });
});

test("AKS changes its own extension, and restarts fresh nodes", async () => {
  await call("/world/pools/win1/bootstrap", { change: "settings", foreign: "drop" });
  await call("/world/pools/win1/restart-fresh-nodes", { enabled: true });
  expect(pool()?.state).toBe("Updating");
  await world.clock.advance(5 * 60_000);
  expect(pool()?.bootstrap).toHaveProperty("settings.timestamp");
  await call("/world/pools/win1/autoscale", { count: instances().length + 1 });
  await world.clock.advance(10 * 60_000);
  expect(instances().at(-1)?.boots).toBe(1);
});

test("locks, policies, roles and failures change what Azure answers, until they are taken back", async () => {
  await call("/world/cluster/lock", { level: "ReadOnly" });
  expect(await ask("PUT", `${SET}/extensions/agent`)).toBe("ScopeLocked");
  await call("/world/cluster/unlock");
  await call("/world/policies/no-agents/assign", { type: "Contoso.Agent", effect: "deny" });
  expect(await ask("PUT", `${SET}/extensions/agent`)).toBe("RequestDisallowedByPolicy");
  await call("/world/policies/no-agents/remove");
  const failure = { method: "GET", path: `*${SET}`, status: 500, code: "InternalServerError", times: 1 };
  await call("/world/failures", failure);
  expect(await ask("GET", SET)).toBe("InternalServerError");
  expect(await ask("GET", SET)).toBe(200);
  await call("/world/failures", { ...failure, times: 9 });
  await call("/world/failures/clear");
  expect(await ask("GET", SET)).toBe(200);
  await call("/world/principals/operator/revoke", { action: "Microsoft.Compute/virtualMachineScaleSets/read" });
  expect(await ask("GET", SET)).toBe("AuthorizationFailed");
  await call("/world/principals/operator/restore");
  expect(await ask("GET", SET)).toBe(200);
  await call("/world/principals/app/revoke", { role: "scale sets" });
  await call("/world/principals/app/restore");
});

test.each([
  { path: "/world/pools/win9/autoscale", body: { count: 1 }, status: 404, error: "no pool win9" },
  { path: "/world/instances/akswin1/99/evict", body: { policy: "Delete" }, status: 404, error: "no instance" },
  { path: "/world/instances/akswin1/0/evict", body: {}, status: 400, error: "expected one of Delete, Deallocate" },
  { path: "/world/cluster/lock", body: { level: "none" }, status: 400, error: "ReadOnly, CanNotDelete" },
  { path: "/world/policies/x/assign", body: { type: "A.B", effect: "modify" }, status: 400, error: "change:" },
  { path: "/world/policies/x/assign", body: { effect: "deny" }, status: 400, error: "type: found undefined" },
  { path: "/world/principals/app/revoke", body: {}, status: 400, error: "either action or role" },
  {
    path: "/world/principals/app/revoke",
    body: { role: "no such role" },
    status: 404,
    error: "no role assignment of app",
  },
  { path: "/world/failures", body: { method: "PATCH" }, status: 400, error: "GET, PUT, POST, DELETE" },
  {
    path: "/world/pools/win1/scale",
    body: { count: 1, size: 2 },
    status: 400,
    error: "the field size, expected fields: count",
  },
  { path: "/world/kubernetes/Pod/delete", body: {}, status: 404, error: "expected one of" },
  { path: "/app/settings", body: { name: "MODE", value: "observe" }, status: 409, error: "the app runs elsewhere" },
  { path: "/host", body: { url: "http://127.0.0.1:1", eventGridKey: "x" }, status: 409, error: "--no-app" },
  { path: "/app/pause", body: { for: "PT99H" }, status: 400, error: "up to PT72H" },
  { path: "/world/pools/win1/scale", body: { count: 1, text: "x".repeat(70_000) }, status: 413, error: "65536 bytes" },
  { path: "/world/cluster/start", body: { foreign: "lose" }, status: 400, error: "drop, keep" },
])("POST $path with $body returns $status and the expected input", async ({ path, body, status, error }) => {
  expect(await post(path, body)).toMatchObject({ status, error: expect.stringContaining(error) });
});

test("a call of another site's page is refused", async () => {
  const headers = { origin: "http://elsewhere.invalid" };
  const answer = await fetch(`${control.url}/world/cluster/stop`, { method: "POST", headers });
  expect([answer.status, world.cluster.state]).toEqual([403, "Succeeded"]);
});

test("what was done, and what was refused, is told, and what holds is listed until it is taken back", async () => {
  await call("/world/pools/win1/restart-fresh-nodes", { enabled: false });
  await call("/world/events", { deliver: false });
  await call("/world/throttle", { retryAfter: 1, times: 2 });
  expect(await view("/world")).toMatchObject({
    conditions: ["Event Grid loses every event", "ARM throttles every request"],
  });
  await call("/world/events", { deliver: true });
  await call("/world/failures/clear");
  await post("/world/pools/win9/reconcile");
  expect(await view("/world")).toMatchObject({ conditions: [] });
  const told = (await view("/feed")) as { readonly text: string }[];
  expect(told.slice(-2).map(({ text }) => text)).toEqual([
    "AKS reconciles win9.",
    expect.stringMatching(/^Refused: no pool win9/),
  ]);
});
