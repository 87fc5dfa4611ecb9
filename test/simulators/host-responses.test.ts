import type { HttpRequest, InvocationContext } from "@azure/functions";
import { afterAll, describe, expect, it, vi } from "vitest";
import { Clock } from "../clock.ts";
import { startHost } from "./host/functions-host.ts";
import { startTimer } from "./host/timers.ts";

// Each row was recorded on the real host (4.1037, Event Grid extension 3.3.0).

const clock = new Clock();
const timers: Record<string, unknown[]> = { hourly: [], missing: [], wrong: [] };
const running = { now: 0, most: 0 };
let release = (): void => undefined;

// Start just after a full hour, so that the next one is known.
await clock.advance(3_600_000 - (clock.now() % 3_600_000) + 1000);
const nextHour = clock.now() - (clock.now() % 3_600_000) + 3_600_000;
const host = await startHost(() => loadHttp().then(loadRest), { clock, masterKey: "master" });
clock.addGate(() => host.idle());
afterAll(() => host.stop());

async function loadHttp(): Promise<void> {
  const { app } = await import("@azure/functions");
  app.http("echo", {
    route: "Echo/{name}",
    methods: ["POST"],
    authLevel: "function",
    handler: ({ url, query, headers }) => ({
      jsonBody: { url, code: query.get("code"), key: headers.get("x-functions-key") },
    }),
  });
  app.http("admin", { methods: ["GET"], authLevel: "admin", handler: () => ({ body: "in" }) });
  app.http("listed", { methods: ["HEAD", "OPTIONS"], authLevel: "anonymous", handler: () => ({ status: 202 }) });
  app.http("nothing", { authLevel: "anonymous", handler: () => undefined as never });
  app.http("throws", { authLevel: "anonymous", handler: boom });
  const csp = { "content-security-policy": "default-src 'none'" };
  app.http("text", { authLevel: "anonymous", handler: () => ({ body: "text", headers: csp }) });
  app.http("html", {
    authLevel: "anonymous",
    handler: () => ({ body: "<p>", headers: { "content-type": "text/html" } }),
  });
  app.http("large", { authLevel: "anonymous", handler: fourTimes });
  app.http("held", { authLevel: "anonymous", handler: held });
}

async function loadRest(): Promise<void> {
  const { app } = await import("@azure/functions");
  app.eventGrid("event", {
    handler: async ({ id }) => {
      running.most = Math.max(running.most, ++running.now);
      await new Promise((resolve) => setTimeout(resolve, 20));
      running.now--;
      if (id === "bad") boom();
    },
  });
  app.timer("hourly", { schedule: "0 0 * * * *", handler: note });
  app.timer("missing", { schedule: "%NO_SUCH_SETTING%", handler: note });
  app.timer("wrong", { schedule: "now and then", handler: note });
}

function boom(): never {
  throw new Error("boom");
}

async function fourTimes(request: HttpRequest): Promise<{ body: Buffer }> {
  const bytes = Buffer.from(await request.arrayBuffer());
  return { body: Buffer.concat([bytes, bytes, bytes, bytes]) };
}

function held(): Promise<{ body: string }> {
  return new Promise((resolve) => (release = () => resolve({ body: "late" })));
}

function note(timer: unknown, { functionName }: InvocationContext): void {
  timers[functionName]?.push(timer);
}

/** The rest of a request besides method and path; a Buffer as body has no content-type. */
type With = { readonly headers?: Record<string, string>; readonly body?: string | Buffer<ArrayBuffer> };
const header = (key: string, more: Record<string, string> = {}): With => ({
  headers: { "x-functions-key": key, ...more },
});
const json = (key: string, body = "{}"): With => ({ ...header(key, { "content-type": "application/json" }), body });
const of = (type: string, body: unknown): With => ({
  headers: type ? { "aeg-event-type": type } : {},
  body: JSON.stringify(body),
});
/** Returns an object of so many levels. */
const nested = (levels: number): object => (levels === 1 ? {} : { data: nested(levels - 1) });
const master = header("master");
type Row = readonly [row: string, request: string, sent: With, answer: [status: number, body: unknown, runs: number]];

const invoked = (): number => Object.values(host.invocations).reduce((sum, count) => sum + count, 0);

async function send(request: string, sent: With = {}): Promise<{ response: Response; body: string; runs: number }> {
  const [method = "", path = ""] = request.split(" ");
  const before = invoked();
  const response = await fetch(host.url + path, { method, ...sent });
  const body = await response.text();
  await host.idle();
  return { response, body, runs: invoked() - before };
}

const answers = (rows: readonly Row[]): void =>
  it.each(rows)("%s", async (_, request, sent, expected) => {
    const { response, body, runs } = await send(request, sent);
    expect([response.status, body, runs]).toEqual(expected);
  });

const own = host.functionKeys["echo"] ?? "";
const other = host.functionKeys["text"] ?? "";
const system = host.eventGridKey;
const echoed = (path: string, code: string | null, key: string | null): string =>
  JSON.stringify({ url: host.url + path, code, key });
const any = expect.any(String) as unknown;

describe("keys of HTTP functions", () => {
  const path = "/api/Echo/a";
  answers([
    ["no key", `POST ${path}`, {}, [401, "", 0]],
    ["a wrong key in the query", `POST ${path}?code=wrong`, {}, [401, "", 0]],
    ["a wrong key in the header", `POST ${path}`, header("wrong"), [401, "", 0]],
    ["another function's key", `POST ${path}?code=${other}`, {}, [401, "", 0]],
    ["a system key", `POST ${path}?code=${system}`, {}, [401, "", 0]],
    ["its own key in the query", `POST ${path}?code=${own}`, {}, [200, echoed(`${path}?code=${own}`, own, null), 1]],
    ["its own key in the header", `POST ${path}`, header(own), [200, echoed(path, null, own), 1]],
    ["a wrong key in the header, its own in the query", `POST ${path}?code=${own}`, header("wrong"), [401, "", 0]],
    ["the master key in the query", `POST ${path}?code=master`, {}, [200, any, 1]],
    ["the master key in the header", `POST ${path}`, master, [200, echoed(path, null, "master"), 1]],
    ["the host's default key", `POST ${path}`, header(host.defaultKey), [200, any, 1]],
    ["authLevel admin, the host's default key", "GET /api/admin", header(host.defaultKey), [401, "", 0]],
    ["authLevel admin, no key", "GET /api/admin", {}, [401, "", 0]],
    ["authLevel admin, its own key", "GET /api/admin", header(host.functionKeys["admin"] ?? ""), [401, "", 0]],
    ["authLevel admin, the master key", "GET /api/admin", master, [200, "in", 1]],
    ["authLevel anonymous, no key", "GET /api/text", {}, [200, "text", 1]],
  ]);
});

describe("methods and routes of HTTP functions", () => {
  const methods = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"];
  answers(methods.map((method): Row => [`${method}, not listed`, `${method} /api/Echo/a`, master, [404, "", 0]]));
  answers([
    ["HEAD, listed", "HEAD /api/listed", {}, [202, "", 1]],
    ["OPTIONS, listed", "OPTIONS /api/listed", {}, [202, "", 1]],
    ["the route in a different case", "POST /API/eCHO/b", master, [200, echoed("/API/eCHO/b", null, "master"), 1]],
    ["an unknown route", "GET /api/unknown", master, [404, "", 0]],
    ["a path outside /api", "GET /text", master, [404, "", 0]],
  ]);
});

describe("results of HTTP functions", () => {
  answers([
    ["the handler returns undefined", "GET /api/nothing", {}, [204, "", 1]],
    ["the handler throws", "GET /api/throws", {}, [500, "", 1]],
  ]);

  it.each([
    ["a header", "text", "content-security-policy", "default-src 'none'"],
    ["a content-type", "html", "content-type", "text/html"],
    ["no content-type", "text", "content-type", "text/plain;charset=UTF-8"],
  ])("the handler sets %s", async (_, name, header, value) => {
    expect((await send(`GET /api/${name}`)).response.headers.get(header)).toBe(value);
  });

  it("a body of 725 KB and a response of 3 MB arrive unchanged", async () => {
    const body = Buffer.from(Array.from({ length: 750_000 }, (_, i) => i % 256));
    const answer = await fetch(`${host.url}/api/large`, { method: "POST", body });
    expect(Buffer.concat([body, body, body, body]).equals(Buffer.from(await answer.arrayBuffer()))).toBe(true);
  });
});

describe("admin API", () => {
  const untyped = { ...master, body: Buffer.from("{}") };
  const plain = { ...master, body: "{}" };
  const running = expect.stringContaining('"state":"Running"') as unknown;
  answers([
    ["GET / is a home page", "GET /", {}, [200, expect.stringContaining("Functions"), 0]],
    ["status, with functions in error", "GET /admin/host/status", master, [200, running, 0]],
    ["status, no key", "GET /admin/host/status", {}, [401, "", 0]],
    ["status, the host's default key", "GET /admin/host/status", header(host.defaultKey), [403, "", 0]],
    ["status, a function key", `GET /admin/host/status?code=${own}`, {}, [403, "", 0]],
    ["list of functions, no key", "GET /admin/functions", {}, [401, "", 0]],
    ["list of functions, a function key", `GET /admin/functions?code=${own}`, {}, [403, "", 0]],
    ["start a timer function", "POST /admin/functions/hourly", json("master"), [202, "", 1]],
    ["start a function by its name in a different case", "POST /admin/functions/HOURLY", json("master"), [202, "", 1]],
    ["start an HTTP function", "POST /admin/functions/echo", json("master"), [202, "", 1]],
    ["start an event function", "POST /admin/functions/event", json("master"), [202, "", 1]],
    ["start a function that throws", "POST /admin/functions/throws", json("master"), [202, "", 1]],
    ["start a function in error", "POST /admin/functions/missing", json("master"), [202, "", 0]],
    ["start, no content-type", "POST /admin/functions/hourly", untyped, [415, "", 0]],
    ["start, content-type is not JSON", "POST /admin/functions/hourly", plain, [415, "", 0]],
    ["start, no body", "POST /admin/functions/hourly", json("master", ""), [400, "", 0]],
    ["start an unknown function", "POST /admin/functions/unknown", json("master"), [404, "", 0]],
    ["start an unknown function, no key", "POST /admin/functions/unknown", json(""), [401, "", 0]],
    ["start, no key", "POST /admin/functions/hourly", json(""), [401, "", 0]],
    ["start, a wrong key", "POST /admin/functions/hourly", json("wrong"), [401, "", 0]],
    ["start, a function key", "POST /admin/functions/hourly", json(own), [403, "", 0]],
    ["start, a system key", "POST /admin/functions/hourly", json(system), [403, "", 0]],
  ]);

  it("AzureWebJobsDisableHomepage removes the home page", async () => {
    process.env["AzureWebJobsDisableHomepage"] = "true";
    expect((await send("GET /")).body).toBe("");
    delete process.env["AzureWebJobsDisableHomepage"];
  });

  it("the list of functions includes those in error", async () => {
    const list = JSON.parse((await send("GET /admin/functions", master)).body) as { name: string }[];
    const http = ["echo", "admin", "listed", "nothing", "throws", "text", "html", "large", "held"];
    expect(list.map(({ name }) => name)).toEqual([...http, "event", "hourly", "missing", "wrong"]);
  });
});

describe("Event Grid webhook", () => {
  const hook = `/runtime/webhooks/eventgrid?functionName=event&code=${system}`;
  const events = Array.from({ length: 20 }, (_, i) => ({ id: `e${i}`, data: {} }));
  const oneBad = [{ id: "bad" }, ...events];
  const cloud = of("Notification", { specversion: "1.0", id: "c", type: "t", source: "s", data: {} });
  const cloudEvent = { ...cloud, headers: { ...cloud.headers, "content-type": "application/cloudevents+json" } };
  const failed = "Exception while executing function: Functions.event";
  const handshake = of("SubscriptionValidation", [{ data: { validationCode: "abc" } }]);
  const shaken = '{"validationResponse":"abc"}';
  const notice = of("Notification", []);
  answers([
    ["20 events", `POST ${hook}`, of("Notification", events), [202, "", 20]],
    ["21 events of which one throws", `POST ${hook}`, of("Notification", oneBad), [500, failed, 21]],
    ["no events", `POST ${hook}`, notice, [202, "", 0]],
    ["a body that is not JSON", `POST ${hook}`, { ...notice, body: "hello" }, [500, "", 0]],
    ["an element that is null", `POST ${hook}`, of("Notification", [{ id: "e" }, null]), [500, "", 0]],
    ["an element that is a number", `POST ${hook}`, of("Notification", [1]), [500, "", 0]],
    ["an element that is a text", `POST ${hook}`, of("Notification", ["e"]), [500, "", 0]],
    ["an element that is an array", `POST ${hook}`, of("Notification", [[[]]]), [500, "", 0]],
    ["an event of 64 levels", `POST ${hook}`, of("Notification", [nested(64)]), [202, "", 1]],
    ["an event of more levels", `POST ${hook}`, of("Notification", [nested(65)]), [500, "", 0]],
    ["GET", `GET ${hook}`, {}, [500, "", 0]],
    ["one CloudEvent", `POST ${hook}`, cloudEvent, [202, "", 1]],
    ["SubscriptionValidation", `POST ${hook}`, handshake, [200, shaken, 0]],
    ["Unsubscribe", `POST ${hook}`, of("Unsubscribe", []), [202, "", 0]],
    ["no aeg-event-type", `POST ${hook}`, of("", events), [400, any, 0]],
    ["an unknown aeg-event-type", `POST ${hook}`, of("Other", events), [400, any, 0]],
    ["the path in a different case", `POST ${hook.replace("eventgrid", "EventGrid")}`, notice, [202, "", 0]],
    ["no key", "POST /runtime/webhooks/eventgrid?functionName=event", notice, [401, any, 0]],
    ["a wrong key", `POST ${hook}x`, notice, [401, any, 0]],
    [
      "an unknown function",
      `POST ${hook.replace("=event", "=unknown")}`,
      notice,
      [404, "cannot find function: 'unknown'", 0],
    ],
    ["an unknown function, no key", "POST /runtime/webhooks/eventgrid?functionName=unknown", notice, [401, any, 0]],
    ["a function with another trigger", `POST ${hook.replace("=event", "=echo")}`, notice, [404, any, 0]],
  ]);

  it("20 events run concurrently", async () => {
    running.most = 0;
    await send(`POST ${hook}`, of("Notification", events));
    expect(running.most).toBe(20);
  });

  it("OPTIONS with WebHook-Request-Origin is allowed", async () => {
    const origin = { "WebHook-Request-Origin": "eventgrid.azure.net" };
    const { response } = await send(`OPTIONS ${hook}`, { headers: origin });
    expect([response.status, response.headers.get("Webhook-Allowed-Origin")]).toEqual([200, "eventgrid.azure.net"]);
  });
});

describe("timers", () => {
  it("the first run gets its schedule, and a timer in error never runs", async () => {
    for (const runs of Object.values(timers)) runs.length = 0;
    await clock.advance(2 * 3_600_000);
    const none = "0001-01-01T00:00:00+00:00";
    const next = new Date(nextHour).toISOString().replace(".000Z", "+00:00");
    const scheduleStatus = { last: none, next, lastUpdated: none };
    expect(timers["hourly"]?.[0]).toEqual({ schedule: { adjustForDST: true }, scheduleStatus, isPastDue: false });
    expect(Object.values(timers).map((runs) => runs.length)).toEqual([2, 0, 0]);
  });

  it.each([
    ["missing", "'%NO_SUCH_SETTING%' does not resolve to a value"],
    ["wrong", "'now and then' was not recognized as a valid cron expression or timespan string"],
  ])("'%s' is in error, and the log has the reason", (name, why) => {
    expect(host.functions.find((fn) => fn.name === name)?.error).toContain(why);
    const lines = host.logs.filter(({ level }) => level === "error").map(({ message }) => message);
    expect(lines).toContainEqual(expect.stringMatching(new RegExp(`'${name}' function is in error: .*${why}`)));
  });

  it("a run that takes longer than the interval delays the next one, which starts as soon as it ends", async () => {
    const real = new Clock();
    const runs: { began: number; ended: number }[] = [];
    startTimer(real, { schedule: "* * * * * *" }, async () => {
      const began = real.now();
      await new Promise((resolve) => setTimeout(resolve, 1500));
      runs.push({ began, ended: real.now() });
    });
    real.start();
    await vi.waitUntil(() => runs.length === 2, { timeout: 10_000 });
    real.stop();
    const gap = (runs[1]?.began ?? 0) - (runs[0]?.ended ?? 0);
    expect([gap >= 0, gap < 200], `${gap} ms`).toEqual([true, true]);
  });
});

describe("not modelled", () => {
  // The real host returns 500 and restarts the worker. A handler cannot be stopped within its own process and would
  // continue to change the world. So the clock stops while it runs, and its test times out if it never returns.
  it("functionTimeout has no effect: the clock waits for the invocation", async () => {
    const late = send("GET /api/held");
    await vi.waitUntil(() => host.invocations["held"]);
    const before = clock.now();
    const hour = clock.advance(3_600_000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(clock.now() - before).toBeLessThan(3_600_000);
    release();
    expect([(await late).response.status, (await late).body]).toEqual([200, "late"]);
    await hour;
    expect(clock.now() - before).toBeGreaterThanOrEqual(3_600_000);
  });
});
