import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSandbox } from "./started-sandbox.ts";

const sandbox = startSandbox(["--no-app"]);
let host: ChildProcess | undefined;
let control = "";
beforeAll(async () => {
  [, control = ""] = await sandbox.printed(/Control API: +(\S+)/);
});
afterAll(async () => {
  host?.kill("SIGKILL");
  await sandbox.stop();
});

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

async function call(method: "GET" | "POST", path: string, body?: object): Promise<Answer> {
  const answer = await fetch(control + path, { method, ...(body && { body: JSON.stringify(body) }) });
  return { status: answer.status, body: JSON.parse(await answer.text()) };
}

/** Lets time pass, slowly enough for the host to follow, until every node has the package and is published. */
async function converge(): Promise<void> {
  let busy: unknown;
  for (let minute = 0; minute < 60; minute++) {
    await call("POST", "/world/clock", { advance: "PT1M" });
    await sleep(200);
    const { status, body } = await call("POST", "/world/rest", { until: "app", limit: "PT0S" });
    if (status === 200) return;
    busy = body;
  }
  throw new Error(JSON.stringify(busy));
}

test("without an app, calls of the app say that there is none, and settings cannot be changed", async () => {
  expect(await call("POST", "/app/resync")).toMatchObject({
    status: 409,
    body: { error: expect.stringContaining("POST /host") },
  });
  expect(await call("GET", "/host")).toMatchObject({ status: 409 });
});

test("a host at which nothing answers is refused", async () => {
  const nothing = { url: "http://127.0.0.1:9", eventGridKey: "x" };
  expect(await call("POST", "/host", nothing)).toMatchObject({
    status: 400,
    body: { error: expect.stringContaining("no events can be sent") },
  });
});

test("a host of another process, with the sandbox's settings, gets events and converges", async () => {
  const { Values: settings } = (await call("GET", "/settings")).body as { Values: Readonly<Record<string, string>> };
  expect(Object.keys(settings)).not.toContainEqual(expect.stringMatching(/^APPLICATIONINSIGHTS/));
  const program = fileURLToPath(new URL("other-host.ts", import.meta.url));
  host = spawn(process.execPath, [program, control], { env: { PATH: process.env["PATH"], ...settings } });
  const [printed] = await once(host.stdout ?? host, "data");
  expect(String(printed)).toContain("200");
  await converge();
  await call("POST", "/world/pools/win1/scale", { count: 4 });
  expect(await call("POST", "/world/rest")).toMatchObject({ status: 200 });
  await converge();
  expect((await call("GET", "/world")).body).toMatchObject({
    events: { delivered: expect.toSatisfy((count: number) => count > 0), failed: 0 },
    host: { invocations: {} },
  });
  expect(sandbox.output()).toMatch(/app +The app wrote the extension into the model of win1/);
});
