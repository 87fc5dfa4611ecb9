import { afterAll, expect, test } from "vitest";
import { openWorld } from "../world.ts";

const world = await openWorld({
  settings: {
    MODE: "instal",
    ROLLOUT_BATCH: "all",
    PACKAGE_CONTAINER_URL: "https://x.example/c?sig=SECRET123",
  },
});
const host = await world.load(() => import("../../functions/main.ts"));
afterAll(() => world.stop());

const named = [
  "MODE: found 'instal', expected observe or install",
  "ROLLOUT_BATCH: found 'all'",
  "PACKAGE_CONTAINER_URL",
];

test("registers every function without an error despite three malformed settings", () => {
  expect(host.loadError).toBeUndefined();
  expect(host.functions.filter(({ error }) => error !== undefined)).toEqual([]);
  expect(host.functions.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["reconcileTimer", "resync", "scaleSetEvent"]),
  );
});

test("resync returns 500 and names all three settings", async () => {
  const code = host.functionKeys["resync"] ?? "";
  const answer = await fetch(`${host.url}/api/resync?code=${code}`, { method: "POST" });
  expect(answer.status).toBe(500);
  const { problems }: { problems: readonly string[] } = JSON.parse(await answer.text());
  expect(problems).toHaveLength(3);
  for (const each of named) expect(problems.join("\n")).toContain(each);
});

test.each(["*/*", "text/html"])("status returns 500 for %s and names all three settings", async (accept) => {
  const key = host.functionKeys["status"] ?? "";
  const answer = await fetch(`${host.url}/api/status`, { headers: { accept, "x-functions-key": key } });
  expect(answer.status).toBe(500);
  const text = (await answer.text()).replaceAll("&#39;", "'");
  for (const each of named) expect(text).toContain(each);
  expect(text).not.toContain("SECRET123");
});

test("a browser gets a page, from every HTTP function, and it may load nothing", async () => {
  for (const [name, method] of Object.entries({ status: "GET", metrics: "GET", resync: "POST" })) {
    const headers = { accept: "text/html", "x-functions-key": host.functionKeys[name] ?? "" };
    const answer = await fetch(`${host.url}/api/${name}`, { method, headers });
    expect(answer.status).toBe(500);
    expect(answer.headers.get("content-security-policy")).toMatch(/^default-src 'none'/);
    expect(await answer.text()).toContain("3 settings are wrong");
  }
});

test("the timer logs all three settings", async () => {
  await world.clock.advance(61_000);
  expect(host.invocations["reconcileTimer"]).toBeGreaterThanOrEqual(1);
  const log = host.logs.map(({ message }) => message).join("\n");
  for (const each of named) expect(log).toContain(each);
});

test("the delivery of an event fails, so that Event Grid retries it after the settings are fixed", async () => {
  const answer = await fetch(
    `${host.url}/runtime/webhooks/EventGrid?functionName=scaleSetEvent&code=${host.eventGridKey}`,
    {
      method: "POST",
      headers: { "content-type": "application/json", "aeg-event-type": "Notification" },
      body: "[{}]",
    },
  );
  expect(answer.status).toBe(500);
});

test("logs do not contain a secret from a malformed setting", () => {
  expect(JSON.stringify(host.logs)).not.toContain("SECRET123");
});
