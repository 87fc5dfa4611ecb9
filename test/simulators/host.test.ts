import { afterAll, beforeEach, expect, it } from "vitest";
import { Clock } from "../clock.ts";
import { startHost } from "./host/functions-host.ts";
import { parseNcrontab } from "./host/ncrontab.ts";
import { startTimer } from "./host/timers.ts";

const clock = new Clock();
const seen: unknown[] = [];
const boom = (): never => {
  throw new Error("boom");
};

async function load(): Promise<void> {
  const { app } = await import("@azure/functions");
  app.http("echo", {
    route: "Echo/{name}",
    authLevel: "anonymous",
    handler: async (request, context) => {
      context.warn("said", { a: 1 });
      seen.push([request.method, request.params["name"], await request.text()]);
      return { status: 201 };
    },
  });
  app.http("throws", { authLevel: "anonymous", handler: boom });
  app.eventGrid("event", {
    handler: (event, context) => void seen.push([event, context.triggerMetadata?.["data"]]),
  });
  app.timer("setting", { schedule: "%TEST_SCHEDULE%", handler: () => void seen.push("setting") });
  app.timer("disabled", { schedule: "0 * * * * *", handler: () => void seen.push("disabled") });
  app.timer("throwing", { schedule: "0 30 0 * * *", handler: boom });
}

process.env["TEST_SCHEDULE"] = "*/10 * * * *";
process.env["AzureWebJobs.disabled.Disabled"] = "1";
// Start just after a full hour, so that the runs until the next one can be counted.
await clock.advance(3_600_000 - (clock.now() % 3_600_000) + 1000);
const host = await startHost(load, { clock, masterKey: "master" });
clock.addGate(() => host.idle());
beforeEach(() => {
  seen.length = 0;
});
afterAll(() => host.stop());

it("passes decoded route parameters to the handler", async () => {
  await fetch(`${host.url}/api/echo/bob%20x`, { method: "POST", body: "hello" });
  expect(seen).toEqual([["POST", "bob x", "hello"]]);
});

it("keeps the log lines and the exception of an invocation", async () => {
  await fetch(`${host.url}/api/echo/log`);
  const line = host.logs.findLast((one) => one.category === "Function.echo.User");
  expect(line).toMatchObject({ level: "warning", functionName: "echo", message: "said { a: 1 }" });
  expect(line?.invocationId).toMatch(/^[\da-f-]{36}$/);
  await fetch(`${host.url}/api/throws`);
  expect(host.logs.findLast((one) => one.functionName === "throws" && one.level === "error")?.message).toMatch("boom");
});

it.each([
  ["an event", "event", '{"id":"x","data":{"KeepCase":1}}', [{ id: "x", data: { KeepCase: 1 } }, { keepCase: 1 }]],
  ["text that is not JSON", "event", "hello", ["hello", null]],
  ["a body", "echo", "hello", ["POST", undefined, "hello"]],
])("passes %s to a function that is started through the admin API", async (_, name, input, expected) => {
  const init = { method: "POST", body: JSON.stringify({ input }), headers: { "content-type": "application/json" } };
  await fetch(`${host.url}/admin/functions/${name}?code=master`, init);
  await host.idle();
  expect(seen).toEqual([expected]);
  expect(host.lastInvocationEndedAt()).toBeLessThanOrEqual(performance.now());
});

it("rejects a second host in its process, and functions that register after its start", async () => {
  await expect(startHost(load, { clock })).rejects.toThrow("One Functions host per process");
  await expect(load()).rejects.toThrow("only be registered during app startup");
});

it("runs a timer on the schedule of a setting", async () => {
  await clock.advance(3_600_000 - (clock.now() % 3_600_000) - 1000);
  expect(seen).toEqual(Array.from({ length: 5 }, () => "setting"));
});

it("keeps a timer running after a run that throws", async () => {
  await clock.advance(48 * 3_600_000);
  expect(host.invocations["throwing"]).toBe(2);
  expect(clock.failures).toEqual([]);
});

it("runs a disabled timer only through the admin API, until it is enabled", async () => {
  await clock.advance(120_000);
  expect(host.invocations["disabled"]).toBeUndefined();
  await host.functions.find(({ name }) => name === "disabled")?.runNow?.();
  expect(seen).toContain("disabled");
  delete process.env["AzureWebJobs.disabled.Disabled"];
  await clock.advance(120_000);
  expect(host.invocations["disabled"]).toBe(3);
  process.env["AzureWebJobs.disabled.Disabled"] = "1";
  await clock.advance(120_000);
  expect(host.invocations["disabled"]).toBe(3);
});

it.each([
  ["0 * * * * *", "2026-02-28T23:59:00Z", "2026-03-01T00:00:00Z"],
  ["*/20 * * * * *", "2026-02-28T23:59:41Z", "2026-03-01T00:00:00Z"],
  ["30 4 * * *", "2026-02-28T04:30:00Z", "2026-03-01T04:30:00Z"],
  ["5-59/25,7 10-12 0 1 1 *", "2026-06-01T00:00:00Z", "2027-01-01T00:10:05Z"],
  ["0 0 0 29 2 *", "2026-06-01T00:00:00Z", "2028-02-29T00:00:00Z"],
  ["0 0 0 13 * 5", "2026-06-01T00:00:00Z", "2026-11-13T00:00:00Z"],
])("'%s' runs first after %s at %s", (expression, after, next) => {
  expect(parseNcrontab(expression)(Date.parse(after))).toBe(Date.parse(next));
});

it("never runs on a date that does not exist", () => {
  expect(parseNcrontab("0 0 0 30 2 *")(Date.parse("2026-06-01T00:00:00Z"))).toBeUndefined();
});

it.each([
  "* * *",
  "0 0 0 L * *",
  "@daily",
  "61 * * * * *",
  "0 0 0 1 1 * 2030",
  "0 */5 * ? * *",
  "0 * * * * 7",
  "*/0 * * * * *",
  "",
])("rejects the schedule %j", (schedule) => {
  expect(() => startTimer(new Clock(), { schedule }, async () => undefined)).toThrow("was not recognized as a valid");
});
