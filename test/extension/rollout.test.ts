import { describe, expect, test } from "vitest";
import type { ExtensionDesired } from "../../shared/extension/desired.ts";
import type { InstanceVerdict } from "../../shared/extension/instance-context.ts";
import type { Attempts, ScaleSetMemory } from "../../shared/extension/memory.ts";
import { planRollout, type Rollout } from "../../shared/extension/rollout.ts";
import type { InstanceState } from "../../shared/model/verdict.ts";
import { attempts, DAY, desired, HOUR, instance, known, MARKER, MINUTE, NOW, OLD_MARKER, setMemory } from "../build.ts";

/** Returns one instance for each state, numbered from 0. `failed` has the cause package. */
function pool(...states: readonly (InstanceState | "failed-download" | "stuck")[]): readonly InstanceVerdict[] {
  return states.map((state, i) => {
    const one = instance(String(i));
    if (state === "stuck") return { instance: one, state: "failed", reason: "stuck" };
    if (state === "failed-download") return { instance: one, state: "failed", reason: "cause-download" };
    return state === "failed" ? { instance: one, state, reason: "cause-package" } : { instance: one, state };
  });
}

function repeat(count: number, state: InstanceState): readonly InstanceState[] {
  return Array.from({ length: count }, () => state);
}

function plan(
  verdicts: readonly InstanceVerdict[],
  memory: Partial<ScaleSetMemory> = {},
  settings: Partial<ExtensionDesired> = {},
): Rollout {
  return planRollout(verdicts, MARKER, setMemory(memory), { desired: desired(settings), now: NOW });
}

function batchOf(rollout: Rollout): readonly string[] {
  return rollout.batch.map((each) => each.instance.id);
}

function attempted(id: string, over: Partial<Attempts> = {}): ScaleSetMemory["instances"] {
  return known(id, { attempts: attempts(over) });
}

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
    expect(rollout.remaining).toBe(1);
    expect(rollout.holdReason).toMatch(reason);
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

describe("the next attempt", () => {
  test.each([
    { count: 1, after: 5 * MINUTE },
    { count: 2, after: 15 * MINUTE },
    { count: 3, after: HOUR },
    { count: 4, after: 6 * HOUR },
    { count: 5, after: DAY },
    { count: 9, after: DAY },
  ])("is $after ms after attempt $count, not earlier", ({ count, after }) => {
    const early = plan(pool("outdated"), { instances: attempted("0", { count, lastAt: NOW - after + 1 }) });
    expect(batchOf(early)).toEqual([]);
    expect(early).toMatchObject({ remaining: 1, nextAttemptAt: NOW + 1 });

    const due = plan(pool("outdated"), { instances: attempted("0", { count, lastAt: NOW - after }) });
    expect(batchOf(due)).toEqual(["0"]);
  });

  test("is the earliest of several", () => {
    const instances = { ...attempted("0", { count: 2, lastAt: NOW }), ...attempted("1", { lastAt: NOW }) };
    expect(plan(pool("outdated", "outdated"), { instances }).nextAttemptAt).toBe(NOW + 5 * MINUTE);
  });

  test("is immediate after an attempt with another marker", () => {
    const instances = attempted("0", { marker: OLD_MARKER, lastAt: NOW });
    expect(batchOf(plan(pool("outdated"), { instances }))).toEqual(["0"]);
  });

  test("of an instance with an unknown marker never comes", () => {
    const instances = attempted("0", { lastAt: NOW - 30 * DAY });
    expect(batchOf(plan(pool("unknown-package"), { ...proven, instances }))).toEqual([]);
  });
});

function ids(from: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => String(from + i));
}
