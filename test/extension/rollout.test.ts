import { describe, expect, test } from "vitest";
import type { ExtensionDesired } from "../../shared/extension/desired.ts";
import type { InstanceVerdict } from "../../shared/extension/instance-context.ts";
import type { ScaleSetMemory } from "../../shared/extension/memory.ts";
import type { Rollout } from "../../shared/extension/rollout.ts";
import { attempts, DAY, HOUR, known, MARKER, NOW, OLD_MARKER } from "../build.ts";
import { attempted, batchOf, plan, pool, repeat } from "./planned-rollout.ts";

interface Case {
  readonly when: string;
  readonly pool: readonly InstanceVerdict[];
  readonly memory?: Partial<ScaleSetMemory>;
  readonly settings?: Partial<ExtensionDesired>;
  readonly upgraded: readonly string[];
  readonly reason: Rollout["reason"];
}

const proven = { provenMarker: MARKER };

const NOT_PROVEN: readonly Case[] = [
  {
    when: "no instance is current: one canary",
    pool: pool("outdated", "outdated", "outdated"),
    upgraded: ["0"],
    reason: "canary",
  },
  {
    when: "the canary is installing: none",
    pool: pool("installing", "outdated", "outdated"),
    upgraded: [],
    reason: "canary",
  },
  {
    when: "one instance is current: a batch",
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
    when: "one of the last batch is installing: none",
    pool: pool("current", "installing", ...repeat(8, "outdated")),
    memory: { lastBatch: ["vm-1", "vm-2"] },
    upgraded: [],
    reason: "rollout",
  },
  {
    when: "the last batch is current: the next batch",
    pool: pool("current", "current", "outdated"),
    memory: { lastBatch: ["vm-1"] },
    upgraded: ["2"],
    reason: "rollout",
  },
  {
    when: "more are installing than fit in a batch: none",
    pool: pool("current", ...repeat(7, "installing"), "outdated"),
    upgraded: [],
    reason: "rollout",
  },
  {
    when: "another package is proven: one canary",
    pool: pool("outdated", "outdated"),
    memory: { provenMarker: OLD_MARKER },
    upgraded: ["0"],
    reason: "canary",
  },
  {
    when: "ROLLOUT_BATCH is 2: two",
    pool: pool("current", ...repeat(8, "outdated")),
    settings: { rolloutBatch: 2 },
    upgraded: ["1", "2"],
    reason: "rollout",
  },
  {
    when: "the others are unknown, protected or awaiting AKS: none",
    pool: pool("current", "unknown", "protected", "awaiting-aks"),
    upgraded: [],
    reason: "rollout",
  },
  {
    when: "two canaries failed for another cause than the package: a third",
    pool: pool("failed-download", "failed-download", "outdated"),
    upgraded: ["2"],
    reason: "canary",
  },
  {
    when: "three failed for another cause than the package, but one is current: a batch",
    pool: pool("current", "failed-download", "failed-download", "failed-download", "outdated"),
    upgraded: ["4"],
    reason: "rollout",
  },
];

describe("a package that is not proven", () => {
  test.each(NOT_PROVEN)("$when", (c) => {
    const rollout = plan(c.pool, c.memory, c.settings);
    expect(batchOf(rollout)).toEqual(c.upgraded);
    expect(rollout.reason).toBe(c.reason);
    expect(rollout.holdReason).toBeUndefined();
  });

  test.each([
    { when: "it failed because of itself", verdicts: pool("failed", "outdated"), reason: /failed on akswin1000000$/ },
    {
      when: "it failed because of itself while another instance is current",
      verdicts: pool("current", "failed", "outdated"),
      reason: /akswin1000001$/,
    },
    {
      when: "three canaries failed",
      verdicts: pool("failed-download", "failed-download", "failed-download", "outdated"),
      reason: /akswin1000000, akswin1000001, akswin1000002$/,
    },
  ])("is held when $when", ({ verdicts, reason }) => {
    const rollout = plan(verdicts);
    expect(batchOf(rollout)).toEqual([]);
    expect(rollout.remaining).toBe(verdicts.filter(({ state }) => state !== "current").length);
    expect(rollout.holdReason).toMatch(reason);
  });

  test("that failed on three canaries is retried there only, one at a time", () => {
    const instances = Object.assign({}, ...["0", "1", "2"].map((id) => attempted(id, { lastAt: NOW - HOUR })));
    const rollout = plan(pool("failed-download", "failed-download", "failed-download", "outdated"), { instances });
    expect(batchOf(rollout)).toEqual(["0"]);
    expect(rollout.holdReason).toBeDefined();
  });

  test("that failed because of itself is retried only if a resync asks for it, and there only", () => {
    const due = attempted("0", { lastAt: NOW - 30 * DAY });
    expect(batchOf(plan(pool("failed", "outdated"), { instances: due }))).toEqual([]);
    // A resync asks for every instance of the pool.
    const requested = {
      ...known("0", { retryAfterTry: 0, attempts: attempts() }),
      ...known("1", { retryAfterTry: 0 }),
    };
    expect(batchOf(plan(pool("failed", "outdated"), { instances: requested }))).toEqual(["0"]);
  });

  test("is not held for a failure of an unknown try", () => {
    const instances = attempted("0", { isTryKnown: false });
    expect(batchOf(plan(pool("failed", "outdated"), { instances }))).toEqual(["1"]);
  });

  // If a package is not proven, `stuck` has the same effect as a failure for cause `package`.
  test("is held when a canary is stuck", () => {
    expect(batchOf(plan(pool("stuck", "outdated", "outdated")))).toEqual([]);
  });
});

describe("a package that is proven in the pool", () => {
  const cases: readonly Case[] = [
    {
      when: "half of the pool is upgraded at once",
      pool: pool(...repeat(8, "outdated")),
      upgraded: ids(0, 4),
      reason: "missing",
    },
    {
      when: "half of the pool is rounded up",
      pool: pool(...repeat(5, "outdated")),
      upgraded: ids(0, 3),
      reason: "missing",
    },
    {
      when: "installing instances count towards the half",
      pool: pool("installing", "installing", ...repeat(6, "outdated")),
      upgraded: ["2", "3"],
      reason: "missing",
    },
    {
      when: "an installing instance of the last batch does not stop the next batch",
      pool: pool("installing", "outdated", "outdated", "outdated"),
      memory: { ...proven, lastBatch: ["vm-0"] },
      upgraded: ["1"],
      reason: "missing",
    },
    {
      when: "failed instances do not stop the others",
      pool: pool("failed", "failed", "failed", "outdated"),
      upgraded: ["3"],
      reason: "missing",
    },
    {
      when: "RESTORE_BATCH is 3: three are upgraded",
      pool: pool(...repeat(10, "outdated")),
      settings: { restoreBatch: 3 },
      upgraded: ids(0, 3),
      reason: "missing",
    },
  ];

  test.each(cases)("$when", (c) => {
    const rollout = plan(c.pool, { ...proven, ...c.memory }, c.settings);
    expect(batchOf(rollout)).toEqual(c.upgraded);
    expect(rollout.reason).toBe(c.reason);
    expect(rollout.holdReason).toBeUndefined();
  });
});

describe("the order of instances", () => {
  test("is numeric by ID", () => {
    expect(batchOf(plan(pool("current", ...repeat(12, "outdated")).toReversed()))).toEqual(ids(1, 5));
  });

  test("has first attempts before retries", () => {
    const memory = { ...proven, instances: attempted("0", { lastAt: NOW - HOUR }) };
    expect(batchOf(plan(pool("outdated", "outdated"), memory))).toEqual(["1"]);
  });

  test("includes retries when there is no first attempt", () => {
    const memory = { ...proven, instances: attempted("0", { lastAt: NOW - HOUR }) };
    expect(batchOf(plan(pool("outdated", "current"), memory))).toEqual(["0"]);
  });
});

function ids(from: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => String(from + i));
}
