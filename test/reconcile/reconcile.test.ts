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

/** Returns since when the verdict of a pass at this time holds. */
async function sinceAt(at: number, count: number) {
  now = at;
  const report = await run(depsOf(async () => count));
  return typeof report === "string" ? report : report.plan.verdicts[0]?.since;
}

/** Runs a pass, and `meantime` while it observes. */
async function during(meantime: () => Promise<unknown>) {
  let passes = 0;
  let results: unknown;
  const deps = depsOf(async () => {
    passes += 1;
    if (passes === 1) {
      results = await meantime();
      now += MINUTE;
    }
    return 3;
  });
  return { report: await run(deps, "request"), passes, results };
}

/** Does what the event trigger does. */
async function event() {
  await requestPass(working, target(), "event", signal);
  return run(working, "event");
}

describe("a pass of any flow", () => {
  test("is reported with what it observed and found, and remembered with when the next one is due", async () => {
    expect(await run()).toMatchObject({ cluster, flow: "count", cause: "timer", observed: ["3 nodes"], outcomes: [] });
    expect(await memory()).toMatchObject({ passes: 1, startedAt: NOW, requeueAt: NOW + 7 * MINUTE, failures: 0 });
  });

  test("keeps since when a verdict holds for as long as every pass finds the same", async () => {
    expect(await sinceAt(NOW, 1)).toBe(NOW);
    expect(await sinceAt(NOW + HOUR, 1)).toBe(NOW);
    expect(await sinceAt(NOW + 2 * HOUR, 0)).toBe(NOW + 2 * HOUR);
    expect(await sinceAt(NOW + 3 * HOUR, 1)).toBe(NOW + 3 * HOUR);
  });

  test("forgets the flow's waits when an operator asks for a resync, and only then", async () => {
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

describe("a pass that a failed call ends", () => {
  test("is reported with the failure, and keeps since when verdicts hold", async () => {
    await run();
    const { since } = await memory();
    expect(await run(failing("denied"))).toMatchObject({
      failure: { fault: "denied", message: "count nodes: denied" },
    });
    expect(await memory()).toMatchObject({ since, failures: 1 });
  });

  test("is run again after a minute, from the fifth in a row on after 5 minutes, and counted until one succeeds", async () => {
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
  ])("is run again after $minutes minutes where Retry-After is $retryAfterMs ms", async ({ retryAfterMs, minutes }) => {
    await run(failing("throttled", retryAfterMs));
    expect((await memory()).requeueAt).toBe(NOW + minutes * MINUTE);
  });
});

describe("while another worker holds the lease", () => {
  test("a pass is busy and requested, and the holder runs once more", async () => {
    const { passes, results, report } = await during(() => run());
    expect({ passes, results }).toEqual({ passes: 2, results: "busy" });
    expect(report).toMatchObject({ cause: "request" });
    expect(await readRequest(working.records, target(), signal)).toBeUndefined();
  });

  test("an event leaves no request of its own: its trigger recorded one", async () => {
    const { passes, results } = await during(() => run(working, "event"));
    expect({ passes, results }).toEqual({ passes: 1, results: "busy" });
  });
});

describe("an event", () => {
  test("runs a pass and answers its request", async () => {
    expect(await event()).toMatchObject({ cause: "event" });
    expect(await dueCause()).toBeUndefined();
  });

  test("within 10 s of a pass is left to the timer, with its request", async () => {
    await event();
    now += 9_999;
    expect(await event()).toBe("superseded");
    expect(await dueCause()).toBe("request");
    now += 1;
    expect(await event()).toMatchObject({ cause: "event" });
  });

  test("whose request a later pass has answered is superseded", async () => {
    now += HOUR;
    expect(await run(working, "event")).toBe("superseded");
  });
});

test.each([
  { when: "never ran", requeueIn: undefined, cause: "timer" },
  { when: "is due in more than a tick's slack", requeueIn: 15_001, cause: undefined },
  { when: "is due within a tick's slack", requeueIn: 15_000, cause: "timer" },
  { when: "was due", requeueIn: -HOUR, cause: "timer" },
])("a flow that $when: $cause", async ({ requeueIn, cause }) => {
  if (requeueIn !== undefined) {
    await run();
    now = NOW + 7 * MINUTE - requeueIn;
  }
  expect(await dueCause()).toBe(cause);
});
