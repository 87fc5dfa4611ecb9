import { describe, expect, test } from "vitest";
import type { ExtensionDesired } from "../../shared/extension/desired.ts";
import type { InstanceVerdict } from "../../shared/extension/instances.ts";
import type { Attempts, ScaleSetMemory } from "../../shared/extension/memory.ts";
import { planRollout, type Rollout } from "../../shared/extension/rollout.ts";
import type { InstanceState } from "../../shared/model/verdict.ts";
import { attempts, DAY, desired, HOUR, instance, known, MARKER, MINUTE, NOW, OLD_MARKER, setMemory } from "../build.ts";

/** An instance a state, numbered from 0; `"failed"` stands for a failure of the package's own. */
function pool(...states: readonly (InstanceState | "failed-download")[]): readonly InstanceVerdict[] {
  return states.map((state, i) => {
    const one = instance(String(i));
    if (state === "failed-download") return { instance: one, state: "failed", reason: "cause-download" };
    return state === "failed" ? { instance: one, state, reason: "cause-package" } : { instance: one, state };
  });
}

function many(count: number, state: InstanceState): readonly InstanceState[] {
  return Array.from({ length: count }, () => state);
}

function plan(
  verdicts: readonly InstanceVerdict[],
  memory: Partial<ScaleSetMemory> = {},
  settings: Partial<ExtensionDesired> = {},
): Rollout {
  return planRollout(verdicts, MARKER, setMemory(memory), { desired: desired(settings), now: NOW });
}

function chosen(rollout: Rollout): readonly string[] {
  return rollout.batch.map((each) => each.instance.id);
}

function tried(id: string, over: Partial<Attempts> = {}): ScaleSetMemory["instances"] {
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
    when: "none is current: one canary",
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
    when: "some current: a batch",
    pool: pool("current", ...many(8, "outdated")),
    upgraded: ids(1, 5),
    reason: "rollout",
  },
  {
    when: "60 instances: 10 % of them, which is more",
    pool: pool("current", ...many(59, "outdated")),
    upgraded: ids(1, 6),
    reason: "rollout",
  },
  {
    when: "others are installing: less those",
    pool: pool("current", "installing", "installing", ...many(8, "outdated")),
    upgraded: ids(3, 3),
    reason: "rollout",
  },
  {
    when: "one of the last batch is installing: none",
    pool: pool("current", "installing", ...many(8, "outdated")),
    memory: { lastBatch: ["vm-1", "vm-2"] },
    upgraded: [],
    reason: "rollout",
  },
  {
    when: "the last batch has settled: the next one",
    pool: pool("current", "current", "outdated"),
    memory: { lastBatch: ["vm-1"] },
    upgraded: ["2"],
    reason: "rollout",
  },
  {
    when: "more are installing than fit in a batch: none",
    pool: pool("current", ...many(7, "installing"), "outdated"),
    upgraded: [],
    reason: "rollout",
  },
  {
    when: "another package was proven: one canary",
    pool: pool("outdated", "outdated"),
    memory: { provenMarker: OLD_MARKER },
    upgraded: ["0"],
    reason: "canary",
  },
  {
    when: "ROLLOUT_BATCH is 2: two",
    pool: pool("current", ...many(8, "outdated")),
    settings: { rolloutBatch: 2 },
    upgraded: ["1", "2"],
    reason: "rollout",
  },
  {
    when: "only unknown, protected and waiting ones are left: none",
    pool: pool("current", "unknown", "protected", "awaiting-aks"),
    upgraded: [],
    reason: "rollout",
  },
  {
    when: "two canaries failed by their own fault: a third",
    pool: pool("failed-download", "failed-download", "outdated"),
    upgraded: ["2"],
    reason: "canary",
  },
  {
    when: "three failed by their own fault, but one is current: a batch",
    pool: pool("current", "failed-download", "failed-download", "failed-download", "outdated"),
    upgraded: ["4"],
    reason: "rollout",
  },
];

describe("a package that is not proven", () => {
  test.each(NOT_PROVEN)("$when", (c) => {
    const rollout = plan(c.pool, c.memory, c.settings);
    expect(chosen(rollout)).toEqual(c.upgraded);
    expect(rollout.reason).toBe(c.reason);
    expect(rollout.holdReason).toBeUndefined();
  });

  test.each([
    { when: "it failed for its own cause", verdicts: pool("failed", "outdated"), by: /failed on akswin1000000$/ },
    { when: "it did so beside current ones", verdicts: pool("current", "failed", "outdated"), by: /akswin1000001$/ },
    {
      when: "three canaries in a row failed",
      verdicts: pool("failed-download", "failed-download", "failed-download", "outdated"),
      by: /akswin1000000, akswin1000001, akswin1000002$/,
    },
  ])("is held when $when", ({ verdicts, by }) => {
    const rollout = plan(verdicts);
    expect(chosen(rollout)).toEqual([]);
    expect(rollout.remaining).toBe(1);
    expect(rollout.holdReason).toMatch(by);
  });

  // the design, instances: "`stuck`, treated as failed"; wanted: "`stuck` on an unproven package is cause `package`".
  test("is held when a canary is stuck", () => {
    expect(chosen(plan(pool("stuck", "outdated", "outdated")))).toEqual([]);
  });
});

describe("a package that the whole pool once had", () => {
  const cases: readonly Case[] = [
    { when: "half of the pool at once", pool: pool(...many(8, "outdated")), upgraded: ids(0, 4), reason: "missing" },
    { when: "rounded up", pool: pool(...many(5, "outdated")), upgraded: ids(0, 3), reason: "missing" },
    {
      when: "less those installing",
      pool: pool("installing", "installing", ...many(6, "outdated")),
      upgraded: ["2", "3"],
      reason: "missing",
    },
    {
      when: "though one of the last batch is installing",
      pool: pool("installing", "outdated", "outdated", "outdated"),
      memory: { ...proven, lastBatch: ["vm-0"] },
      upgraded: ["1"],
      reason: "missing",
    },
    {
      when: "a failed one holds up nobody",
      pool: pool("failed", "failed", "failed", "outdated"),
      upgraded: ["3"],
      reason: "missing",
    },
    {
      when: "RESTORE_BATCH is 3: three",
      pool: pool(...many(10, "outdated")),
      settings: { restoreBatch: 3 },
      upgraded: ids(0, 3),
      reason: "missing",
    },
  ];

  test.each(cases)("$when", (c) => {
    const rollout = plan(c.pool, { ...proven, ...c.memory }, c.settings);
    expect(chosen(rollout)).toEqual(c.upgraded);
    expect(rollout.reason).toBe(c.reason);
    expect(rollout.holdReason).toBeUndefined();
  });
});

describe("the order", () => {
  test("is by the number of the instance, not by its text", () => {
    expect(chosen(plan(pool("current", ...many(12, "outdated")).toReversed()))).toEqual(ids(1, 5));
  });

  test("has first attempts before retries", () => {
    const memory = { ...proven, instances: tried("0", { lastAt: NOW - HOUR }) };
    expect(chosen(plan(pool("outdated", "outdated"), memory))).toEqual(["1"]);
  });

  test("has retries when nothing else is left", () => {
    const memory = { ...proven, instances: tried("0", { lastAt: NOW - HOUR }) };
    expect(chosen(plan(pool("outdated", "current"), memory))).toEqual(["0"]);
  });
});

describe("a next attempt", () => {
  test.each([
    { count: 1, after: 5 * MINUTE },
    { count: 2, after: 15 * MINUTE },
    { count: 3, after: HOUR },
    { count: 4, after: 6 * HOUR },
    { count: 5, after: DAY },
    { count: 9, after: DAY },
  ])("comes $after ms after attempt number $count, not earlier", ({ count, after }) => {
    const early = plan(pool("outdated"), { instances: tried("0", { count, lastAt: NOW - after + 1 }) });
    expect(chosen(early)).toEqual([]);
    expect(early).toMatchObject({ remaining: 1, nextAttemptAt: NOW + 1 });

    const due = plan(pool("outdated"), { instances: tried("0", { count, lastAt: NOW - after }) });
    expect(chosen(due)).toEqual(["0"]);
  });

  test("is the first of several", () => {
    const instances = { ...tried("0", { count: 2, lastAt: NOW }), ...tried("1", { lastAt: NOW }) };
    expect(plan(pool("outdated", "outdated"), { instances }).nextAttemptAt).toBe(NOW + 5 * MINUTE);
  });

  test("to another marker does not count", () => {
    const instances = tried("0", { marker: OLD_MARKER, lastAt: NOW });
    expect(chosen(plan(pool("outdated"), { instances }))).toEqual(["0"]);
  });

  test("to an instance of unknown marker never comes", () => {
    const instances = tried("0", { lastAt: NOW - 30 * DAY });
    expect(chosen(plan(pool("unproven"), { ...proven, instances }))).toEqual([]);
  });
});

function ids(from: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => String(from + i));
}
