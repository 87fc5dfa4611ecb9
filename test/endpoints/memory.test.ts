import { describe, expect, test } from "vitest";
import {
  EMPTY_ENDPOINTS_MEMORY,
  isEndpointsMemory,
  rememberEndpoints,
  rememberEndpointsFailure,
} from "../../shared/endpoints/memory.ts";
import type { Outcome } from "../../shared/model/action.ts";
import type { Plan } from "../../shared/model/plan.ts";
import type { Verdict } from "../../shared/model/verdict.ts";
import { endpointsMemory, nodeName } from "../build-nodes.ts";
import { CLUSTER_ID, HOUR, MINUTE, NOW } from "../build.ts";

type Finding = Pick<Verdict, "state" | "reason">;

function planOf(...cluster: readonly Finding[]): Plan {
  const verdicts = cluster.map(
    (each) => ({ subject: { kind: "cluster", cluster: CLUSTER_ID }, since: NOW, ...each }) as const,
  );
  const node = {
    subject: { kind: "node", node: nodeName(1) },
    state: "unpublished",
    reason: "no-address",
    since: 7,
  } as const;
  return { actions: [], verdicts: [...verdicts, node], requeueAt: NOW + MINUTE };
}

function outcome(over: Partial<Outcome>): Outcome {
  return { action: { kind: "delete-endpoints", resourceVersion: "1" }, status: "done", at: NOW, ...over };
}

const inSync = planOf({ state: "in-sync" });
const shrinking = planOf({ state: "waiting", reason: "shrinks" });
const refused = {
  status: "dropped",
  reason: "another-manager",
  error: { fault: "conflict", message: "by kubectl" },
} as const;

describe("a shrinking list", () => {
  test("is remembered from when it was first seen", () => {
    const once = rememberEndpoints(EMPTY_ENDPOINTS_MEMORY, shrinking, [], NOW);
    expect(once.shrinkSince).toBe(NOW);
    expect(rememberEndpoints(once, shrinking, [], NOW + MINUTE).shrinkSince).toBe(NOW);
  });

  test("is forgotten with the first pass that does not see it", () => {
    expect(rememberEndpoints(endpointsMemory({ shrinkSince: NOW }), inSync, [], NOW).shrinkSince).toBeUndefined();
  });

  test("is remembered through a pass that fails", () => {
    expect(rememberEndpointsFailure(endpointsMemory({ shrinkSince: NOW }), NOW + HOUR).shrinkSince).toBe(NOW);
  });
});

describe("another manager", () => {
  test("is remembered in the API server's words", () => {
    const outcomes = [outcome({}), outcome(refused)];
    expect(rememberEndpoints(EMPTY_ENDPOINTS_MEMORY, inSync, outcomes, NOW).conflict).toBe("by kubectl");
  });

  test.each([
    { what: "done", outcomes: [outcome({})] },
    { what: "changed meanwhile", outcomes: [outcome({ ...refused, reason: "changed-since-observed" })] },
    { what: "not written", outcomes: [] },
  ])("is forgotten once it is $what", ({ outcomes }) => {
    expect(
      rememberEndpoints(endpointsMemory({ conflict: "by kubectl" }), inSync, outcomes, NOW).conflict,
    ).toBeUndefined();
  });
});

test("a verdict's since is kept under its subject, state and reason, and only while it stands", () => {
  const memory = rememberEndpoints(endpointsMemory({ since: { gone: 1 } }), inSync, [], NOW);
  expect(memory.since).toEqual({ [`${CLUSTER_ID} in-sync `]: NOW, [`${nodeName(1)} unpublished no-address`]: 7 });
  expect(memory.requeueAt).toBe(NOW + MINUTE);
});

describe("a cluster that fails", () => {
  test.each([
    { failures: 0, minutes: 1 },
    { failures: 3, minutes: 1 },
    { failures: 4, minutes: 5 },
    { failures: 9, minutes: 5 },
  ])("is asked again after $minutes minutes, having failed $failures times before", ({ failures, minutes }) => {
    const known = endpointsMemory({ failures, conflict: "by kubectl", since: { kept: 1 } });
    expect(rememberEndpointsFailure(known, NOW)).toEqual({
      ...known,
      failures: failures + 1,
      requeueAt: NOW + minutes * MINUTE,
    });
  });

  test("is as any other once it answered", () => {
    expect(rememberEndpoints(endpointsMemory({ failures: 5 }), inSync, [], NOW).failures).toBe(0);
  });
});

describe("a stored value", () => {
  test.each([
    { what: "our own", value: { ...EMPTY_ENDPOINTS_MEMORY }, is: true },
    { what: "read back from JSON", value: JSON.parse(JSON.stringify(EMPTY_ENDPOINTS_MEMORY)), is: true },
    { what: "of another schema", value: { ...EMPTY_ENDPOINTS_MEMORY, schema: 2 }, is: false },
    { what: "without its parts", value: { schema: 1 }, is: false },
    { what: "nothing", value: undefined, is: false },
    { what: "a text", value: "memory", is: false },
  ])("$what: $is", ({ value, is }) => {
    expect(isEndpointsMemory(value)).toBe(is);
  });
});
