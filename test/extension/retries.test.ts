import { describe, expect, test } from "vitest";
import type { ScaleSetMemory } from "../../shared/extension/memory.ts";
import { attempts, DAY, HOUR, known, MINUTE, NOW, OLD_MARKER } from "../build.ts";
import { attempted, batchOf, plan, pool } from "./planned-rollout.ts";

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
    expect(early).toMatchObject({ nextAttemptAt: NOW + 1 });

    const due = plan(pool("outdated"), { instances: attempted("0", { count, lastAt: NOW - after }) });
    expect(batchOf(due)).toEqual(["0"]);
  });

  test("is the earliest of several", () => {
    const instances = { ...attempted("0", { count: 2, lastAt: NOW }), ...attempted("1", { lastAt: NOW }) };
    expect(plan(pool("outdated", "outdated"), { instances }).nextAttemptAt).toBe(NOW + 5 * MINUTE);
  });

  test("counts from the failure of the last one", () => {
    const instances = attempted("0", { lastAt: NOW - HOUR, failedAt: NOW - 5 * MINUTE + 1 });
    expect(plan(pool("outdated"), { instances }).nextAttemptAt).toBe(NOW + 1);
  });

  test("after a failed download is immediate once another instance has succeeded since, once", () => {
    const failedAt = NOW - MINUTE;
    const withOther = (succeededSince: number, isEarly = false): readonly string[] => {
      const instances = { ...attempted("0", { failedAt, isEarly }), ...known("1", { succeededSince }) };
      return batchOf(plan(pool("failed-download", "current"), { instances }));
    };
    expect(withOther(failedAt + 1)).toEqual(["0"]);
    expect(withOther(failedAt)).toEqual([]);
    expect(withOther(failedAt + 1, true)).toEqual([]);
  });

  test("of a failure for another cause does not come with the success of another instance", () => {
    const instances = { ...attempted("0"), ...known("1", { succeededSince: NOW }) };
    expect(batchOf(plan(pool("failed", "current"), { instances }))).toEqual([]);
  });

  test("is shared by those that are due within a quarter of their wait", () => {
    const instances = {
      ...attemptedThrice("0", NOW - HOUR),
      ...attemptedThrice("1", NOW - 45 * MINUTE),
      ...attemptedThrice("2", NOW - 45 * MINUTE + 1),
    };
    const states = pool("failed-download", "failed-download", "failed-download");
    expect(batchOf(plan(states, { instances }))).toEqual(["0", "1"]);
    const none = { ...instances, ...attemptedThrice("0", NOW - HOUR + 1) };
    expect(batchOf(plan(states, { instances: none }))).toEqual([]);
  });

  test("is immediate if a resync asks for it, also with an unknown marker", () => {
    const instances = known("0", { retryAfterTry: 0, attempts: attempts({ lastAt: NOW }) });
    expect(batchOf(plan(pool("failed"), { instances }))).toEqual(["0"]);
    expect(batchOf(plan(pool("unknown-package"), { instances }))).toEqual(["0"]);
  });

  test("is immediate after an attempt with another marker", () => {
    const instances = attempted("0", { marker: OLD_MARKER, lastAt: NOW });
    expect(batchOf(plan(pool("outdated"), { instances }))).toEqual(["0"]);
  });

  test("of an instance with an unknown marker never comes", () => {
    const instances = attempted("0", { lastAt: NOW - 30 * DAY });
    expect(batchOf(plan(pool("unknown-package"), { instances }))).toEqual([]);
  });
});

function attemptedThrice(id: string, lastAt: number): ScaleSetMemory["instances"] {
  return attempted(id, { count: 3, lastAt });
}
