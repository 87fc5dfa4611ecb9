import { afterAll, beforeEach, expect, test } from "vitest";
import { CallError } from "../../shared/clients/errors.ts";
import { dependencies } from "../../shared/dependencies.ts";
import type { Flow } from "../../shared/model/flow.ts";
import type { ClusterId } from "../../shared/model/ids.ts";
import { blobName } from "../../shared/reconcile/blobs.ts";
import { runTimer } from "../../shared/triggers/timer.ts";
import { clusterId, countFlow, type CountMemory } from "../reconcile/count-flow.ts";
import { openWorld } from "../world.ts";

/** Results come in this order: by id, as texts. */
const fleet = Array.from({ length: 24 }, (_, n) => clusterId(n + 1)).toSorted();
const world = await openWorld({ settings: { AKS_CLUSTER_IDS: fleet.join(","), CLUSTER_CONCURRENCY: "2" } });
afterAll(() => world.stop());

let lines: string[] = [];
beforeEach(() => (lines = []));
const logger = { log: (line: string) => void lines.push(line), warn: (line: string) => void lines.push(line) };
const ended = () =>
  lines.filter((line) => line.startsWith("pass ")).map((line): string => JSON.parse(line.slice(5)).cluster);

let flows = 0;
/** A flow of its own for each test, so that every cluster is due. */
function flowOf(count: (cluster: ClusterId) => Promise<number>): Flow<unknown, CountMemory, number> {
  flows += 1;
  return { ...countFlow, name: `count-${flows}`, observe: (_, { cluster }) => count(cluster) };
}

test("every cluster that is due gets its pass, and none before it is due again", async () => {
  const flow = flowOf(async () => 1);
  await runTimer(flow, logger);
  expect(ended()).toEqual(fleet);
  await runTimer(flow, logger);
  expect(ended()).toEqual(fleet);
  await world.clock.advance(7 * 60_000);
  await runTimer(flow, logger);
  expect(ended()).toEqual([...fleet, ...fleet]);
});

test.each([fleet[0], fleet[11], fleet[23]])(
  "a cluster that fails fails the invocation, and no other cluster: %s",
  async (failing) => {
    const flow = flowOf(async (cluster) => {
      if (cluster === failing) throw new CallError("count nodes", "transient", {});
      return 1;
    });
    await expect(runTimer(flow, logger)).rejects.toThrow(`calls failed: ${failing}: count nodes: transient`);
    expect(ended()).toEqual(fleet);
    expect(lines.filter((line) => line.startsWith("failed "))).toHaveLength(1);
  },
);

test("a pass that cannot store its memory fails its own cluster only", async () => {
  const { records } = dependencies();
  const flow = flowOf(async (cluster) => {
    const name = blobName("memory", { flow, cluster });
    // Another writer, without the lease, is faster every time.
    if (cluster === fleet[0]) await records.write(name, {}, "any", AbortSignal.timeout(10_000));
    return 1;
  });
  await expect(runTimer(flow, logger)).rejects.toThrow(/^calls failed: \S*c1: write memory\//);
  expect(ended()).toEqual(fleet.slice(1));
});

test("a slow cluster keeps only its own place: the others go on", { timeout: 10_000 }, async () => {
  const slow = Promise.withResolvers<void>();
  const done: ClusterId[] = [];
  const flow = flowOf(async (cluster) => {
    if (cluster === fleet[0]) await slow.promise;
    done.push(cluster);
    // The last of the others ends the wait of the slow one.
    if (done.length === fleet.length - 1) slow.resolve();
    return 1;
  });
  await runTimer(flow, logger);
  expect(done.toSorted()).toEqual(fleet);
  expect(done.at(-1)).toBe(fleet[0]);
});

test("clusters that did not answer last time run at the end: the healthy ones wait for none of them", async () => {
  const started: ClusterId[] = [];
  const silent = new Set(fleet.slice(0, 16));
  const flow = flowOf(async (cluster) => {
    started.push(cluster);
    if (silent.has(cluster)) throw new CallError("count nodes", "transient", {});
    return 1;
  });
  await expect(runTimer(flow, logger)).rejects.toThrow(/^calls failed/);
  expect(started.slice(0, 2)).toEqual(fleet.slice(0, 2));
  // From the second tick on; all are due again after 7 minutes.
  await world.clock.advance(7 * 60_000);
  started.length = 0;
  await expect(runTimer(flow, logger)).rejects.toThrow(/^calls failed/);
  const firstSilent = started.findIndex((cluster) => silent.has(cluster));
  expect(new Set(started.slice(0, firstSilent))).toEqual(new Set(fleet.slice(16)));
});

test("a flow's own concurrency counts before CLUSTER_CONCURRENCY", { timeout: 10_000 }, async () => {
  const all = Promise.withResolvers<void>();
  let running = 0;
  const flow = flowOf(async () => {
    running += 1;
    if (running === fleet.length) all.resolve();
    await all.promise;
    return 1;
  });
  await runTimer({ ...flow, concurrency: fleet.length }, logger);
  expect(running).toBe(fleet.length);
});
