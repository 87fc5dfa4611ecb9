import { afterAll, describe, expect, test } from "vitest";
import { EMPTY_FLOW_MEMORY } from "../../shared/model/flow.ts";
import { blobName } from "../../shared/reconcile/blobs.ts";
import { findDueClusters, isOverdue } from "../../shared/reconcile/due.ts";
import { DAY, HOUR, MINUTE, NOW } from "../build.ts";
import { openWorld } from "../world.ts";
import { clusterId, countDeps, countFlow, type CountMemory } from "./count-flow.ts";

const world = await openWorld();
afterAll(() => world.stop());
const signal = AbortSignal.timeout(60_000);
const deps = countDeps(
  world,
  () => NOW,
  async () => 0,
);

function memory(over: Partial<CountMemory>): CountMemory {
  return { ...EMPTY_FLOW_MEMORY, startedAt: NOW - HOUR, passes: 1, ...over };
}

async function dueOf(memories: readonly (CountMemory | undefined)[], from: number): Promise<readonly number[]> {
  const clusters = memories.map((_, i) => clusterId(from + i));
  for (const [i, each] of memories.entries()) {
    const cluster = clusterId(from + i);
    if (each) await deps.records.write(blobName("memory", { flow: countFlow, cluster }), each, "any", signal);
  }
  const { due, failed } = await findDueClusters(countFlow, clusters, deps, signal);
  expect(failed).toEqual([]);
  return due.map(({ cluster }) => clusters.indexOf(cluster));
}

test("the longest overdue cluster is first, and those that failed last time are at the end", async () => {
  const memories = [
    memory({ requeueAt: NOW - MINUTE }),
    memory({ requeueAt: NOW - HOUR, failures: 2 }),
    memory({ requeueAt: NOW - 2 * MINUTE }),
    memory({ requeueAt: NOW + HOUR }),
    undefined,
    memory({ requeueAt: NOW - 2 * HOUR, failures: 1 }),
  ];
  expect(await dueOf(memories, 300)).toEqual([4, 2, 0, 5, 1]);
});

test.each([
  { requeueIn: DAY, isDue: false },
  { requeueIn: DAY + 1, isDue: true },
  { requeueIn: Number.MAX_VALUE, isDue: true },
])("a next pass in $requeueIn ms, which no plan may ask for beyond a day: due $isDue", async ({ requeueIn, isDue }) => {
  const from = 400 + Math.trunc(Math.log2(requeueIn));
  expect(await dueOf([memory({ requeueAt: NOW + requeueIn })], from)).toEqual(isDue ? [0] : []);
});

describe("a flow is overdue", () => {
  test.each([
    { when: "it has never run", memory: EMPTY_FLOW_MEMORY, now: NOW, is: false },
    { when: "its heartbeat is 5 minutes late", memory: memory({ startedAt: NOW }), now: NOW + 10 * MINUTE, is: false },
    { when: "its heartbeat is later", memory: memory({ startedAt: NOW }), now: NOW + 10 * MINUTE + 1, is: true },
    {
      when: "its next pass is 5 minutes late",
      memory: memory({ startedAt: NOW, requeueAt: NOW + HOUR }),
      now: NOW + HOUR + 5 * MINUTE,
      is: false,
    },
    {
      when: "its next pass is later",
      memory: memory({ startedAt: NOW, requeueAt: NOW + HOUR }),
      now: NOW + HOUR + 5 * MINUTE + 1,
      is: true,
    },
    {
      when: "its next pass was stored for never",
      memory: memory({ startedAt: NOW, requeueAt: Number.MAX_VALUE }),
      now: NOW + 2 * DAY,
      is: true,
    },
  ])("$when: $is", ({ memory: stored, now, is }) => {
    expect(isOverdue(stored, now)).toBe(is);
  });
});
