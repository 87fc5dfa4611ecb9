import { describe, expect, test } from "vitest";
import { EMPTY_ENDPOINTS_MEMORY, isEndpointsMemory, rememberEndpoints } from "../../shared/endpoints/memory.ts";
import type { Outcome } from "../../shared/model/action.ts";
import type { Plan } from "../../shared/model/plan.ts";
import type { Verdict } from "../../shared/model/verdict.ts";
import { endpointsMemory, nodeName } from "../build-nodes.ts";
import { CLUSTER_ID, MINUTE, NOW } from "../build.ts";

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
