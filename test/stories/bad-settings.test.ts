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

test("with three malformed settings every function is still registered, and none in error", () => {
  expect(host.loadError).toBeUndefined();
  expect(host.functions.filter(({ error }) => error !== undefined)).toEqual([]);
  expect(host.functions.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["reconcileTimer", "resync", "scaleSetEvent"]),
  );
});

test("resync answers 500 and names all three", async () => {
  const code = host.functionKeys["resync"] ?? "";
  const answer = await fetch(`${host.url}/api/resync?code=${code}`, { method: "POST" });
  expect(answer.status).toBe(500);
  const { problems }: { problems: readonly string[] } = JSON.parse(await answer.text());
  expect(problems).toHaveLength(3);
  for (const each of named) expect(problems.join("\n")).toContain(each);
});

test.each(["*/*", "text/html"])("status answers %s with 500 and names all three", async (accept) => {
  const key = host.functionKeys["status"] ?? "";
  const answer = await fetch(`${host.url}/api/status`, { headers: { accept, "x-functions-key": key } });
  expect(answer.status).toBe(500);
  const text = await answer.text();
  for (const each of named) expect(text).toContain(each);
  expect(text).not.toContain("SECRET123");
});

test("the timer runs, and its log names all three", async () => {
  await world.clock.advance(61_000);
  expect(host.invocations["reconcileTimer"]).toBeGreaterThanOrEqual(1);
  const log = host.logs.map(({ message }) => message).join("\n");
  for (const each of named) expect(log).toContain(each);
});

test("an event fails, so that Event Grid brings it again when the settings are mended", async () => {
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

test("a secret in a bad setting reaches neither log nor answer", () => {
  expect(JSON.stringify(host.logs)).not.toContain("SECRET123");
});
