import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { CallError } from "../../shared/clients/errors.ts";
import type { PassRequest } from "../../shared/model/flow.ts";
import type { ClusterId } from "../../shared/model/ids.ts";
import { readMemory } from "../../shared/reconcile/blobs.ts";
import { findDue } from "../../shared/reconcile/due.ts";
import { preview, reconcile } from "../../shared/reconcile/reconcile.ts";
import { readRequest, requestPass } from "../../shared/reconcile/requests.ts";
import { HOUR, MINUTE, NOW } from "../build.ts";
import { openWorld } from "../world.ts";
import { clusterId, countDeps, type CountDeps, countFlow, passRequest } from "./count-flow.ts";

const world = await openWorld();
afterAll(() => world.stop());
const signal = AbortSignal.timeout(120_000);
let now = NOW;
let cluster: ClusterId;
let clusters = 0;

beforeEach(() => {
  now = NOW;
  clusters += 1;
  cluster = clusterId(clusters);
});

const depsOf = (count: CountDeps["count"]) => countDeps(world, () => now, count);

const working = depsOf(async () => 3);
const target = () => ({ flow: countFlow, cluster });
const memory = async () => (await readMemory(working.records, target(), signal)).memory;
const dueCause = async () => (await findDue(target(), working, signal))?.cause;
const run = (deps = working, cause: PassRequest["cause"] = "timer") =>
  reconcile(countFlow, cluster, deps, passRequest(cause));

function failing(fault: CallError["fault"], retryAfterMs?: number): typeof working {
  return depsOf(async () => {
    throw new CallError("count nodes", fault, retryAfterMs === undefined ? {} : { retryAfterMs });
  });
}

/** Runs a pass at this time, and returns the `since` of its verdict. */
async function sinceAt(at: number, count: number) {
  now = at;
  const report = await run(depsOf(async () => count));
  return typeof report === "string" ? report : report.plan.verdicts[0]?.since;
}

/** Runs a pass that calls `work` while it observes. */
async function during(work: () => Promise<unknown>) {
  let passes = 0;
  let results: unknown;
  const deps = depsOf(async () => {
    passes += 1;
    if (passes === 1) {
      results = await work();
      now += MINUTE;
    }
    return 3;
  });
  return { report: await run(deps, "request"), passes, results };
}

/** Requests and runs a pass, as the event trigger does. */
async function event() {
  await requestPass(working, target(), "event", signal);
  return run(working, "event");
}

describe("pass", () => {
  test("reports its observation, and stores when the next pass is due", async () => {
    expect(await run()).toMatchObject({ cluster, flow: "count", cause: "timer", observed: ["3 nodes"], outcomes: [] });
    expect(await memory()).toMatchObject({ passes: 1, startedAt: NOW, requeueAt: NOW + 7 * MINUTE, failures: 0 });
  });

  test("keeps the since of a verdict while every pass finds the same", async () => {
    expect(await sinceAt(NOW, 1)).toBe(NOW);
    expect(await sinceAt(NOW + HOUR, 1)).toBe(NOW);
    expect(await sinceAt(NOW + 2 * HOUR, 0)).toBe(NOW + 2 * HOUR);
    expect(await sinceAt(NOW + 3 * HOUR, 1)).toBe(NOW + 3 * HOUR);
  });

  test("forgets the flow's waits only on a resync", async () => {
    await run();
    await run();
    expect((await memory()).passes).toBe(2);
    await run(working, "resync");
    expect((await memory()).passes).toBe(1);
  });

  test("that is only previewed writes nothing, and leaves nothing due", async () => {
    expect(await preview(countFlow, cluster, working, passRequest("resync"))).toMatchObject({ observed: ["3 nodes"] });
    expect(await memory()).toEqual(countFlow.emptyMemory);
    expect(await dueCause()).toBe("timer");
  });
});

describe("pass with a failed call", () => {
  test("reports the failure, and keeps the since of verdicts", async () => {
    await run();
    const { since } = await memory();
    expect(await run(failing("denied"))).toMatchObject({
      failure: { fault: "denied", message: "count nodes: denied" },
    });
    expect(await memory()).toMatchObject({ since, failures: 1 });
  });

  test("is retried after a minute, from the fifth failure on after 5 minutes; a success resets the count", async () => {
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      await run(failing("transient"));
      waits.push(((await memory()).requeueAt - now) / MINUTE);
    }
    expect(waits).toEqual([1, 1, 1, 1, 5, 5]);
    await run();
    expect((await memory()).failures).toBe(0);
  });

  test.each([
    { retryAfterMs: 7 * MINUTE, minutes: 7 },
    { retryAfterMs: 1000, minutes: 1 },
  ])("is retried after $minutes minutes if Retry-After is $retryAfterMs ms", async ({ retryAfterMs, minutes }) => {
    await run(failing("throttled", retryAfterMs));
    expect((await memory()).requeueAt).toBe(NOW + minutes * MINUTE);
  });
});

describe("lease of another worker", () => {
  test("a pass returns busy and requests a pass, which the holder of the lease runs", async () => {
    const { passes, results, report } = await during(() => run());
    expect({ passes, results }).toEqual({ passes: 2, results: "busy" });
    expect(report).toMatchObject({ cause: "request" });
    expect(await readRequest(working.records, target(), signal)).toBeUndefined();
  });

  test("an event returns busy without a request, because its trigger has recorded one", async () => {
    const { passes, results } = await during(() => run(working, "event"));
    expect({ passes, results }).toEqual({ passes: 1, results: "busy" });
  });
});

describe("event", () => {
  test("runs a pass and removes its request", async () => {
    expect(await event()).toMatchObject({ cause: "event" });
    expect(await dueCause()).toBeUndefined();
  });

  test("within 10 s of a pass, leaves its request to the timer", async () => {
    await event();
    now += 9_999;
    expect(await event()).toBe("superseded");
    expect(await dueCause()).toBe("request");
    now += 1;
    expect(await event()).toMatchObject({ cause: "event" });
  });

  test("is superseded if a later pass has handled its request", async () => {
    now += HOUR;
    expect(await run(working, "event")).toBe("superseded");
  });
});

test.each([
  { when: "never ran", requeueIn: undefined, cause: "timer" },
  { when: "is due in more than a tick's slack", requeueIn: 15_001, cause: undefined },
  { when: "is due within a tick's slack", requeueIn: 15_000, cause: "timer" },
  { when: "was due", requeueIn: -HOUR, cause: "timer" },
])("the due cause of a flow that $when is $cause", async ({ requeueIn, cause }) => {
  if (requeueIn !== undefined) {
    await run();
    now = NOW + 7 * MINUTE - requeueIn;
  }
  expect(await dueCause()).toBe(cause);
});
