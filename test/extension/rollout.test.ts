import { describe, expect, test } from "vitest";
import type { InstanceVerdict } from "../../shared/extension/instance-context.ts";
import type { Rollout } from "../../shared/extension/rollout.ts";
import { attempts, DAY, HOUR, known, MARKER, MINUTE, NOW, OLD_MARKER } from "../build.ts";
import { attempted, batchOf, blind, plan, pool, repeat, type Situation } from "./planned-rollout.ts";

interface Case {
  readonly when: string;
  readonly pool: readonly InstanceVerdict[];
  readonly given?: Situation;
  readonly upgraded: readonly string[];
  readonly reason: Rollout["reason"];
}

const open = {
  marker: MARKER,
  submittedAt: NOW - MINUTE,
  isAccepted: true,
  endedAt: NOW,
  isEndKnown: true,
  members: [],
};

const NEW: readonly Case[] = [
  { when: "none is current: one canary", pool: pool(...repeat(3, "outdated")), upgraded: ["0"], reason: "canary" },
  { when: "the canary is installing: none", pool: pool("installing", "outdated"), upgraded: [], reason: "canary" },
  {
    when: "one is current: one more, however large the pool",
    pool: pool("current", ...repeat(59, "outdated")),
    upgraded: ["1"],
    reason: "rollout",
  },
  {
    when: "two canaries failed for another cause than the package: a third",
    pool: pool("failed-download", "failed-download", "outdated"),
    upgraded: ["2"],
    reason: "canary",
  },
  {
    when: "three failed for another cause than the package, but one is current: one more",
    pool: pool("current", "failed-download", "failed-download", "failed-download", "outdated"),
    upgraded: ["4"],
    reason: "rollout",
  },
  {
    when: "it is not known yet what the last batch did: none",
    pool: pool("current", "outdated"),
    given: { batch: open },
    upgraded: [],
    reason: "rollout",
  },
];

const PROVEN: readonly Case[] = [
  {
    when: "no node was unharmed by an upgrade yet: one",
    pool: pool(...repeat(8, "outdated")),
    given: { unharmedAt: undefined, instances: blind("0", "1", "2", "3") },
    upgraded: ["0"],
    reason: "missing",
  },
  {
    when: "AKS has worked on the pool since one was unharmed: one",
    pool: pool(...repeat(8, "outdated")),
    given: { unharmedAt: NOW - HOUR, aksWorkedAt: NOW - HOUR },
    upgraded: ["0"],
    reason: "rollout",
  },
  {
    when: "another writer has written the scale set since: one",
    pool: pool(...repeat(8, "outdated")),
    given: { unharmedAt: NOW - HOUR, writtenAt: NOW - HOUR },
    upgraded: ["0"],
    reason: "rollout",
  },
  {
    when: "40 retries are due at once: RESTORE_BATCH",
    pool: pool(...Array.from({ length: 40 }, () => "failed-download" as const)),
    given: { settings: { restoreBatch: 5 }, instances: Object.assign({}, ...ids(0, 40).map((id) => dueRetry(id))) },
    upgraded: ids(0, 5),
    reason: "missing",
  },
  {
    when: "working exporters are replaced: ROLLOUT_BATCH",
    pool: pool("current", ...repeat(8, "outdated")),
    upgraded: ids(1, 5),
    reason: "rollout",
  },
  {
    when: "10 % of 60 instances are more than ROLLOUT_BATCH: 10 %",
    pool: pool("current", ...repeat(59, "outdated")),
    upgraded: ids(1, 6),
    reason: "rollout",
  },
  {
    when: "two others are installing: a batch minus two",
    pool: pool("current", "installing", "installing", ...repeat(8, "outdated")),
    upgraded: ids(3, 3),
    reason: "rollout",
  },
  {
    when: "more are installing than fit in a batch: none",
    pool: pool("current", ...repeat(7, "installing"), "outdated"),
    upgraded: [],
    reason: "rollout",
  },
  {
    when: "ROLLOUT_BATCH is 2: two",
    pool: pool("current", ...repeat(8, "outdated")),
    given: { settings: { rolloutBatch: 2 } },
    upgraded: ["1", "2"],
    reason: "rollout",
  },
  {
    when: "instances without an exporter are due: these, half of the pool",
    pool: pool(...repeat(8, "outdated")),
    given: { instances: blind(...ids(2, 6)) },
    upgraded: ids(2, 4),
    reason: "missing",
  },
  {
    when: "half of the pool is rounded up",
    pool: pool(...repeat(5, "outdated")),
    given: { instances: blind(...ids(0, 5)) },
    upgraded: ids(0, 3),
    reason: "missing",
  },
  {
    when: "fewer of them are due than fit: these alone",
    pool: pool(...repeat(8, "outdated")),
    given: { instances: blind("5") },
    upgraded: ["5"],
    reason: "missing",
  },
  {
    when: "RESTORE_BATCH is 3: three",
    pool: pool(...repeat(10, "outdated")),
    given: { settings: { restoreBatch: 3 }, instances: blind(...ids(0, 10)) },
    upgraded: ids(0, 3),
    reason: "missing",
  },
  {
    when: "a failed instance does not stop the others",
    pool: pool("failed", "outdated"),
    given: {},
    upgraded: ["1"],
    reason: "rollout",
  },
  {
    when: "the others are unknown, protected or awaiting AKS: none",
    pool: pool("current", "unknown", "protected", "awaiting-aks"),
    upgraded: [],
    reason: "rollout",
  },
  {
    when: "it is not known yet what the last batch did: none",
    pool: pool(...repeat(8, "outdated")),
    given: { batch: open },
    upgraded: [],
    reason: "rollout",
  },
];

describe("the batch of a new package", () => {
  test.each(NEW)("$when", ({ pool: verdicts, given, upgraded, reason }) => {
    const rollout = plan(verdicts, { isNew: true, ...given });
    expect(batchOf(rollout)).toEqual(upgraded);
    expect(rollout).toMatchObject({ reason, hold: undefined });
  });
});

describe("the batch of a proven package", () => {
  test.each(PROVEN)("$when", ({ pool: verdicts, given, upgraded, reason }) => {
    const rollout = plan(verdicts, given);
    expect(batchOf(rollout)).toEqual(upgraded);
    expect(rollout).toMatchObject({ reason, hold: undefined });
  });
});

describe("a hold", () => {
  const failedTwice = pool("failed", "failed", "outdated");
  const harm = { marker: OLD_MARKER, since: NOW - HOUR, nodes: [], image: undefined, version: undefined };

  test.each([
    {
      when: "a new package failed on three instances, and is current on none",
      verdicts: pool("failed-download", "failed-download", "failed-download", "outdated"),
      given: { isNew: true },
      reason: "canary-failed",
    },
    { when: "a proven package failed on two", verdicts: failedTwice, given: {}, reason: "package-held" },
    {
      when: "a proven package failed on two before",
      verdicts: pool("current", "outdated"),
      given: {
        packageHold: { marker: MARKER, since: NOW - DAY, nodes: failedTwice.map((each) => each.instance.node) },
      },
      reason: "package-held",
    },
    {
      when: "an upgrade interrupted a node, to whichever package",
      verdicts: pool("current", "outdated"),
      given: { harm },
      reason: "upgrade-restarted-node",
    },
  ])("when $when: none, and none is queued", ({ verdicts, given, reason }) => {
    const rollout = plan(verdicts, given);
    expect(batchOf(rollout)).toEqual([]);
    expect(rollout.hold?.reason).toBe(reason);
    expect(rollout.queue.every(({ state }) => state === "failed")).toBe(true);
  });

  test("of a new package that failed on three instances lets these be retried, one at a time", () => {
    const instances = Object.assign({}, ...["0", "1", "2"].map((id) => attempted(id, { lastAt: NOW - HOUR })));
    const verdicts = pool("failed-download", "failed-download", "failed-download", "outdated");
    expect(batchOf(plan(verdicts, { isNew: true, instances }))).toEqual(["0"]);
  });

  test("of a proven package lets those be retried that a resync asks for", () => {
    const packageHold = { marker: MARKER, since: NOW, nodes: failedTwice.map((each) => each.instance.node) };
    const instances = Object.assign(
      {},
      ...["0", "1", "2"].map((id) => known(id, { retryAfterTry: 0, attempts: attempts() })),
    );
    expect(batchOf(plan(failedTwice, { packageHold, instances }))).toEqual(["0"]);
  });

  test.each([
    { when: "of an unknown try", over: { isTryKnown: false } },
    { when: "under another marker", over: { marker: OLD_MARKER } },
  ])("is not made by failures $when", ({ over }) => {
    const instances = { ...attempted("0", over), ...attempted("1", over) };
    expect(plan(failedTwice, { instances }).hold).toBeUndefined();
  });

  test("on another package does not apply", () => {
    const packageHold = { marker: OLD_MARKER, since: NOW, nodes: failedTwice.map((each) => each.instance.node) };
    expect(plan(pool("current", "outdated"), { packageHold }).hold).toBeUndefined();
  });
});

describe("the order of instances", () => {
  test("is numeric by ID", () => {
    expect(batchOf(plan(pool("current", ...repeat(12, "outdated")).toReversed()))).toEqual(ids(1, 5));
  });

  test("has first attempts before retries, also in the queue", () => {
    const given = { instances: attempted("0", { lastAt: NOW - HOUR }), settings: { rolloutBatch: 1 } };
    const rollout = plan(pool("outdated", "outdated", "outdated"), given);
    expect(batchOf(rollout)).toEqual(["1"]);
    expect(rollout.queue.map(({ instance }) => instance.id)).toEqual(["2", "0"]);
  });

  test("includes retries when there is no first attempt", () => {
    expect(batchOf(plan(pool("outdated", "current"), { instances: attempted("0", { lastAt: NOW - HOUR }) }))).toEqual([
      "0",
    ]);
  });
});

function dueRetry(id: string): NonNullable<Situation["instances"]> {
  const tried = { attempts: attempts({ lastAt: NOW - HOUR }), unprovenSince: NOW - HOUR, succeededAt: undefined };
  return known(id, tried);
}

function ids(from: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => String(from + i));
}
