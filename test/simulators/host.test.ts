import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { Clock } from "../clock.ts";
import { startHost } from "./host/functions-host.ts";
import type { FunctionsHost } from "./host/functions-host.ts";
import { startTimer } from "./host/timers.ts";

const clock = new Clock();
let host: FunctionsHost;
const seen: unknown[] = [];
const running = { now: 0, most: 0 };

const boom = (): never => {
  throw new Error("boom");
};
const load = (): Promise<void> => loadHttp().then(loadRest);

async function loadHttp(): Promise<void> {
  const { app } = await import("@azure/functions");
  app.http("echo", {
    route: "Echo/{name}",
    methods: ["POST"],
    authLevel: "function",
    handler: async (request, context) => {
      context.warn("said", { a: 1 });
      seen.push({ url: request.url, code: request.query.get("code"), key: request.headers.get("x-functions-key") });
      const bytes = Buffer.from(await request.arrayBuffer());
      return { status: 201, body: bytes, headers: { "x-name": request.params["name"] ?? "", "content-type": "a/b" } };
    },
  });
  const text = { "content-security-policy": "default-src 'none'" };
  app.http("open", { authLevel: "anonymous", handler: () => ({ body: "text", headers: text }) });
  app.http("secret", { authLevel: "admin", handler: () => ({ jsonBody: { a: 1 } }) });
  app.http("nothing", { authLevel: "anonymous", handler: () => undefined as never });
  app.http("large", { authLevel: "anonymous", handler: () => ({ body: Buffer.alloc(3_000_000, 7) }) });
  app.http("throws", { authLevel: "anonymous", handler: boom });
}

const tick = (name: string) => (timer: unknown) => void seen.push({ name, timer, at: clock.now() });

async function loadRest(): Promise<void> {
  const { app } = await import("@azure/functions");
  app.eventGrid("event", {
    handler: async (event, context) => {
      running.most = Math.max(running.most, ++running.now);
      await new Promise((resolve) => setTimeout(resolve, 20));
      running.now--;
      seen.push({ event, data: context.triggerMetadata?.["data"] });
      if (event.id === "bad") boom();
    },
  });
  app.timer("hourly", { schedule: "0 0 * * * *", handler: tick("hourly") });
  app.timer("setting", { schedule: "%TEST_SCHEDULE%", handler: tick("setting") });
  app.timer("missing", { schedule: "%NO_SUCH_SETTING%", handler: tick("missing") });
  app.timer("wrong", { schedule: "now and then", handler: tick("wrong") });
  app.timer("throwing", { schedule: "0 30 0 * * *", handler: boom });
}

beforeAll(async () => {
  process.env["TEST_SCHEDULE"] = "*/10 * * * *";
  // From the hour on, so that the next of each schedule is known.
  await clock.advance(3_600_000 - (clock.now() % 3_600_000) + 1000);
  host = await startHost(load, { clock, masterKey: "master" });
  clock.addGate(() => host.idle());
});
beforeEach(() => {
  seen.length = 0;
});
afterAll(() => host.stop());

const call = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`${host.url}${path}`, init);
const answer = async (path: string, init?: RequestInit): Promise<[number, string]> => {
  const response = await call(path, init);
  return [response.status, await response.text()];
};

const post = (headers: Record<string, string> = {}): RequestInit => ({ method: "POST", body: "hello", headers });

it("HTTP: wants a key", async () => {
  expect(await answer("/api/echo/bob", post())).toEqual([401, ""]);
  expect(await answer("/api/echo/bob?code=wrong", post())).toEqual([401, ""]);
  expect(await answer(`/api/secret?code=${host.functionKeys["secret"]}`)).toEqual([403, ""]);
  expect(await answer("/api/secret", { headers: { "x-functions-key": "master" } })).toEqual([200, '{"a":1}']);
  expect(host.invocations["echo"]).toBeUndefined();
});

it("HTTP: takes the key in the query or the header, and the route in any case", async () => {
  const key = host.functionKeys["echo"] ?? "";
  const response = await call(`/API/eCHO/bob%20x?code=${key}`, post());
  expect([response.status, await response.text()]).toEqual([201, "hello"]);
  expect(response.headers.get("content-type")).toBe("a/b");
  expect(response.headers.get("x-name")).toBe("bob x");
  await call("/api/echo/bob", post({ "x-functions-key": key }));
  await call("/api/echo/bob", post({ "x-functions-key": "master" }));
  expect(seen).toEqual([
    { url: `${host.url}/API/eCHO/bob%20x?code=${key}`, code: key, key: null },
    { url: `${host.url}/api/echo/bob`, code: null, key },
    { url: `${host.url}/api/echo/bob`, code: null, key: "master" },
  ]);
  expect(host.invocations["echo"]).toBe(3);
});

it.each(["GET", "HEAD", "OPTIONS"])("HTTP: does not know %s where it is not listed", async (method) => {
  expect(await answer("/api/echo/bob?code=master", { method })).toEqual([404, ""]);
});

it("HTTP: answers as the handler said", async () => {
  const response = await call("/api/open");
  expect(response.headers.get("content-type")).toBe("text/plain;charset=UTF-8");
  expect(response.headers.get("content-security-policy")).toBe("default-src 'none'");
  expect(await answer("/api/nothing")).toEqual([204, ""]);
  expect(await answer("/api/throws")).toEqual([500, ""]);
  expect(host.logs.find((line) => line.functionName === "throws" && line.level === "error")?.message).toMatch("boom");
  expect(await answer("/api/unknown")).toEqual([404, ""]);
});

it("HTTP: moves large binary bodies both ways", async () => {
  const body = Buffer.from(Array.from({ length: 725_000 }, (_, i) => i % 256));
  const back = await call("/api/echo/big?code=master", { method: "POST", body });
  expect(body.equals(Buffer.from(await back.arrayBuffer()))).toBe(true);
  expect((await (await call("/api/large")).arrayBuffer()).byteLength).toBe(3_000_000);
});

it("HTTP: keeps the log of an invocation", async () => {
  await call("/api/echo/log?code=master", post());
  const line = host.logs.findLast((one) => one.category === "Function.echo.User");
  expect(line).toMatchObject({ level: "warning", functionName: "echo", message: "said { a: 1 }" });
  expect(line?.invocationId).toMatch(/^[\da-f-]{36}$/);
});

const byHand = (headers: Record<string, string> = {}, body: string | null = "{}"): RequestInit => ({
  method: "POST",
  body,
  headers: { "content-type": "application/json", "x-functions-key": "master", ...headers },
});

it("the host: has a home page, unless that is switched off", async () => {
  expect((await answer("/"))[0]).toBe(200);
  process.env["AzureWebJobsDisableHomepage"] = "true";
  expect(await answer("/")).toEqual([204, ""]);
  delete process.env["AzureWebJobsDisableHomepage"];
});

it("the host: says what it has, functions in error included", async () => {
  const list = JSON.parse((await answer("/admin/functions?code=master"))[1]) as { name: string }[];
  expect(list.map(({ name }) => name)).toEqual(host.functions.map(({ name }) => name));
  expect((await answer("/admin/host/status?code=master"))[1]).toContain('"state":"Running"');
  expect(await answer("/admin/functions")).toEqual([401, ""]);
  const errors = host.functions.filter(({ error }) => error).map(({ name, error }) => [name, error]);
  expect(errors).toEqual([
    ["missing", expect.stringContaining("'%NO_SUCH_SETTING%' does not resolve to a value")],
    ["wrong", expect.stringContaining("was not recognized as a valid cron expression or timespan string")],
  ]);
});

it("the host: runs a function of any kind by hand", async () => {
  expect(await answer("/admin/functions/HOURLY", byHand())).toEqual([202, ""]);
  await host.idle();
  expect(seen).toEqual([expect.objectContaining({ name: "hourly" })]);
  const input = JSON.stringify({ id: "by-hand", data: {} });
  expect(await answer("/admin/functions/event", byHand({}, JSON.stringify({ input })))).toEqual([202, ""]);
  expect(await answer("/admin/functions/echo", byHand())).toEqual([202, ""]);
  await host.idle();
  expect(host.invocations).toMatchObject({ event: expect.any(Number), echo: expect.any(Number) });
  expect(seen.slice(1)).toEqual(
    expect.arrayContaining([expect.objectContaining({ url: expect.stringContaining("/admin/") })]),
  );
  expect(host.lastInvocationEndedAt()).toBeLessThanOrEqual(performance.now());
});

it("the host: refuses what is no proper request to run one", async () => {
  expect((await answer("/admin/functions/missing", byHand()))[0]).toBe(202);
  expect((await answer("/admin/functions/unknown", byHand()))[0]).toBe(404);
  expect((await answer("/admin/functions/hourly", byHand({}, null)))[0]).toBe(400);
  expect((await answer("/admin/functions/hourly", byHand({ "content-type": "text/plain" })))[0]).toBe(415);
  expect((await answer("/admin/functions/hourly", byHand({ "x-functions-key": "" })))[0]).toBe(401);
  const key = host.functionKeys["echo"] ?? "";
  expect((await answer("/admin/functions/hourly", byHand({ "x-functions-key": key })))[0]).toBe(403);
  await host.idle();
  expect(seen).toEqual([]);
});

it("the host: is the only one of its process, and takes no functions after its start", async () => {
  await expect(startHost(load, { clock })).rejects.toThrow("One Functions host per process");
  await expect(load()).rejects.toThrow("only be registered during app startup");
});

const send = (type: string, body: string, name = "event"): Promise<[number, string]> =>
  answer(`/runtime/webhooks/EventGrid?functionName=${name}&code=${host.eventGridKey}`, {
    method: "POST",
    body,
    headers: type ? { "aeg-event-type": type } : {},
  });
const events = (...ids: string[]): string => JSON.stringify(ids.map((id) => ({ id, data: { KeepCase: id } })));

it("Event Grid: runs all events of a call at once", async () => {
  running.most = 0;
  const ids = Array.from({ length: 20 }, (_, i) => `e${i}`);
  expect(await send("Notification", events(...ids))).toEqual([202, ""]);
  expect(seen).toHaveLength(20);
  expect(running.most).toBe(20);
  expect(seen[0]).toEqual({ event: { id: "e0", data: { KeepCase: "e0" } }, data: { keepCase: "e0" } });
});

it("Event Grid: answers 500 when one throws, after all have run", async () => {
  const failed = [500, "Exception while executing function: Functions.event"];
  expect(await send("Notification", events("a", "bad", "c"))).toEqual(failed);
  expect(seen).toHaveLength(3);
});

it("Event Grid: takes one cloud event, none at all, and nothing that is not JSON", async () => {
  const cloud = { specversion: "1.0", id: "c", type: "t", source: "s", data: {} };
  expect(await send("Notification", JSON.stringify(cloud))).toEqual([202, ""]);
  expect(seen).toEqual([{ event: cloud, data: {} }]);
  expect(await send("Notification", "[]")).toEqual([202, ""]);
  expect(await send("Notification", "hello")).toEqual([500, ""]);
});

it("Event Grid: shakes hands", async () => {
  const validation = JSON.stringify([{ data: { validationCode: "abc" } }]);
  expect(await send("SubscriptionValidation", validation)).toEqual([200, '{"validationResponse":"abc"}']);
  expect(await send("Unsubscribe", "[]")).toEqual([202, ""]);
  const url = `/runtime/webhooks/eventgrid?functionName=event&code=${host.eventGridKey}`;
  const headers = { "WebHook-Request-Origin": "eventgrid.azure.net" };
  const response = await call(url, { method: "OPTIONS", headers });
  expect(response.status).toBe(200);
  expect(response.headers.get("Webhook-Allowed-Origin")).toBe("eventgrid.azure.net");
});

it("Event Grid: refuses the rest", async () => {
  expect((await send("", "[]"))[0]).toBe(400);
  expect((await send("Notification", "[]", "unknown"))[0]).toBe(404);
  expect((await answer("/runtime/webhooks/eventgrid?functionName=event", { method: "POST" }))[0]).toBe(401);
});

const text = (at: number): string => new Date(at).toISOString().replace(".000Z", "+00:00");
const names = (): unknown[] => seen.map((entry) => (entry as { name?: string }).name);

it("timers: run when they are due, and tell of their schedule", async () => {
  const hour = clock.now() - (clock.now() % 3_600_000);
  await clock.advance(hour + 3_600_000 - 1000 - clock.now());
  expect(names()).toEqual(Array.from({ length: 5 }, () => "setting"));
  expect(host.logs.filter((line) => line.functionName === "throwing").map((line) => line.level)).toEqual([]);
  seen.length = 0;
  await clock.advance(2000);
  const none = "0001-01-01T00:00:00+00:00";
  expect(seen.find((entry) => (entry as { name: string }).name === "hourly")).toMatchObject({
    timer: {
      schedule: { adjustForDST: true },
      scheduleStatus: { last: none, next: text(hour + 3_600_000), lastUpdated: none },
      isPastDue: false,
    },
  });
});

it("timers: swallow what a run throws", async () => {
  await clock.advance(48 * 3_600_000);
  expect(host.invocations["throwing"]).toBe(2);
  expect(host.invocations["missing"]).toBeUndefined();
  expect(clock.failures).toEqual([]);
});

it("timers: never overlap: the next run starts as soon as the last one ends", async () => {
  const own = new Clock();
  const runs: { began: number; ended: number }[] = [];
  const run = async (): Promise<void> => {
    const began = own.now();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    runs.push({ began, ended: own.now() });
  };
  startTimer(own, { schedule: "* * * * * *" }, run);
  own.start();
  await vi.waitUntil(() => runs.length === 2, { timeout: 10_000 });
  own.stop();
  expect((runs[1]?.began ?? 0) - (runs[0]?.ended ?? 0)).toBeLessThan(200);
});

it.each(["* * *", "0 0 0 L * *", "@daily", "61 * * * * *", "0 0 0 1 1 * 2030", ""])(
  "timers: do not take %j",
  (schedule) => {
    expect(() => startTimer(new Clock(), { schedule }, async () => undefined)).toThrow("was not recognized as a valid");
  },
);
