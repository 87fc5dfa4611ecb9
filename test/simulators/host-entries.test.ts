import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { app as App } from "@azure/functions";
import { afterEach, expect, it } from "vitest";

/** The state of a host after ten minutes. */
type Said = { url: string; functions: string[]; loadError?: string; log: string; invocations: object };

// A process has one host, and an uncaught exception ends it. So each entry runs in a thread, with its own modules.
const program = `
  const { parentPort, workerData } = require("node:worker_threads");
  (async () => {
    const { startHost } = await import(workerData.host);
    const { Clock } = await import(workerData.clock);
    const clock = new Clock();
    const load = async () => eval(workerData.entry)(require("@azure/functions").app);
    const host = await startHost(load, { clock, masterKey: "master" });
    await clock.advance(600_000);
    const { url, functions, loadError, invocations } = host;
    const log = host.logs.map(({ message }) => message).join("\\n");
    parentPort.postMessage({ url, functions: functions.map(({ name }) => name), loadError: loadError?.message, log, invocations });
  })();`;

let worker: Worker;
afterEach(() => worker.terminate());

async function start(entry: (app: typeof App) => void): Promise<Said> {
  const [host, clock] = ["host/functions-host.ts", "../clock.ts"].map((path) => new URL(path, import.meta.url).href);
  worker = new Worker(program, { eval: true, execArgv: [], workerData: { host, clock, entry: `(${String(entry)})` } });
  const [said] = (await once(worker, "message")) as [Said];
  return said;
}

const status = async (url: string): Promise<number> => (await fetch(url)).status;

it("an entry that registers functions and does not throw runs them", async () => {
  const host = await start((app) => {
    app.http("early", { authLevel: "anonymous", handler: () => ({ body: "here" }) });
    app.timer("often", { schedule: "* * * * *", handler: () => undefined });
  });
  expect(host).toMatchObject({ functions: ["early", "often"], invocations: { often: 10 } });
  expect(host.log).toContain("2 functions found");
  expect(await status(`${host.url}/api/early`)).toBe(200);
});

it.each<[string, (app: typeof App) => void]>([
  [
    "before it registers a function",
    () => {
      throw new Error("bad settings");
    },
  ],
  [
    "after it registered functions",
    (app) => {
      app.http("early", { authLevel: "anonymous", handler: () => ({ body: "here" }) });
      app.timer("often", { schedule: "* * * * *", handler: () => undefined });
      throw new Error("bad settings");
    },
  ],
])("an entry that throws %s leaves a running host without functions", async (_, entry) => {
  const host = await start(entry);
  expect(host).toMatchObject({ functions: [], loadError: "bad settings", invocations: {} });
  expect(host.log).toMatch(/Worker was unable to load entry point.*bad settings/);
  expect(host.log).toContain("0 functions found");
  expect(await Promise.all(["early", "other"].map((path) => status(`${host.url}/api/${path}`)))).toEqual([404, 404]);
  const state = await fetch(`${host.url}/admin/host/status?code=master`);
  expect([state.status, await state.json()]).toEqual([200, { state: "Running" }]);
});

// The real host returns 500 for all requests in flight and starts another worker. Here the worker is the test's own
// process, and catching the exception would hide it from the test.
it.each(["rejection", "exception"])(
  "an uncaught %s ends the process with its requests in flight; restarting a worker is not modelled",
  async (how) => {
    const { url } = await start((app) => {
      const { promise: begun, resolve } = Promise.withResolvers<void>();
      app.http("waits", { authLevel: "anonymous", handler: () => new Promise(() => resolve()) });
      app.http("fails", {
        route: "fails/{how}",
        authLevel: "anonymous",
        handler: async ({ params: { how } }) => {
          await begun;
          const fail = (): never => {
            throw new Error(`uncaught ${how}`);
          };
          if (how === "rejection") void Promise.resolve().then(fail);
          else setTimeout(fail, 0);
          return { body: "done" };
        },
      });
    });
    const ended = new Promise((resolve) => worker.once("exit", resolve));
    const why = new Promise((resolve) => worker.once("error", resolve));
    const [inFlight] = await Promise.allSettled([status(`${url}/api/waits`), status(`${url}/api/fails/${how}`)]);
    expect(inFlight).toMatchObject({ status: "rejected", reason: new TypeError("fetch failed") });
    expect(await why).toEqual(new Error(`uncaught ${how}`));
    expect(await ended).toBe(1);
  },
  20_000,
);
