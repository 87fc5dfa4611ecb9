import { describe, expect, test } from "vitest";
import { EMPTY_ENDPOINTS_MEMORY, parseEndpointsMemory, rememberEndpoints } from "../../shared/endpoints/memory.ts";
import type { Outcome } from "../../shared/model/action.ts";
import type { Plan } from "../../shared/model/plan.ts";
import type { Verdict } from "../../shared/model/verdict.ts";
import { endpointsMemory, nodeName } from "../build-nodes.ts";
import { CLUSTER_ID, MINUTE, NOW } from "../build.ts";
import { slice } from "../contracts/kube-fixture.ts";

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
  error: { fault: "conflict", message: "by kubectl", names: { managers: ["kubectl"] } },
} as const;

describe("a pass that the shrink guard holds back", () => {
  test("is remembered with the time of the first one in a row", () => {
    const once = rememberEndpoints(EMPTY_ENDPOINTS_MEMORY, shrinking, [], NOW);
    expect(once.shrinkSince).toBe(NOW);
    expect(rememberEndpoints(once, shrinking, [], NOW + MINUTE).shrinkSince).toBe(NOW);
  });

  const held = endpointsMemory({ shrinkSince: NOW });
  test("is forgotten after a pass that is not held back", () => {
    expect(rememberEndpoints(held, inSync, [], NOW).shrinkSince).toBeUndefined();
  });

  test.each([
    { after: "it has removed them", outcomes: [outcome({})], expected: undefined },
    { after: "the removal failed", outcomes: [outcome({ status: "failed" })], expected: NOW },
    { after: "the removal was dropped", outcomes: [outcome({ status: "dropped" })], expected: NOW },
    { after: "the app stopped before the removal", outcomes: [], expected: NOW },
  ])("is $expected after a pass that may remove, if $after", ({ outcomes, expected }) => {
    const removing = { ...planOf({ state: "acting", reason: "shrinks" }), actions: [outcome({}).action] };
    expect(rememberEndpoints(held, removing, outcomes, NOW + MINUTE).shrinkSince).toBe(expected);
  });

  test("is forgotten after a pass that removes nothing, even if its writes fail", () => {
    const acting = { ...planOf({ state: "acting" }), actions: [outcome({}).action] };
    expect(rememberEndpoints(held, acting, [outcome({ status: "failed" })], NOW).shrinkSince).toBeUndefined();
  });
});

describe("a conflict with another field manager", () => {
  test("is remembered with the object and every manager", () => {
    const action = { kind: "apply-endpoint-slice", slice: slice("uid") } as const;
    const outcomes = [outcome({}), outcome(refused), outcome({ ...refused, action })];
    expect(rememberEndpoints(EMPTY_ENDPOINTS_MEMORY, inSync, outcomes, NOW).conflicts).toEqual([
      { object: "windows-exporter", managers: ["kubectl"] },
      { object: "windows-exporter-0", managers: ["kubectl"] },
    ]);
  });

  test.each([
    { outcome: "done", outcomes: [outcome({})] },
    {
      outcome: "another conflict",
      outcomes: [outcome({ ...refused, error: { fault: "conflict", message: "changed" } })],
    },
    { outcome: "no write", outcomes: [] },
  ])("is forgotten when the outcome is $outcome", ({ outcomes }) => {
    const before = endpointsMemory({ conflicts: [{ object: "windows-exporter", managers: ["kubectl"] }] });
    expect(rememberEndpoints(before, inSync, outcomes, NOW).conflicts).toEqual([]);
  });
});

describe("the parser of a stored memory", () => {
  test.each([
    { what: "the empty memory", value: { ...EMPTY_ENDPOINTS_MEMORY }, expected: true },
    { what: "a memory from JSON", value: JSON.parse(JSON.stringify(EMPTY_ENDPOINTS_MEMORY)), expected: true },
    { what: "a memory of another schema", value: { ...EMPTY_ENDPOINTS_MEMORY, schema: 2 }, expected: false },
    { what: "a memory without its fields", value: { schema: 1 }, expected: false },
    { what: "undefined", value: undefined, expected: false },
    { what: "a text", value: "memory", expected: false },
  ])("accepts $what: $expected", ({ value, expected }) => {
    expect(parseEndpointsMemory(value)).toEqual(expected ? EMPTY_ENDPOINTS_MEMORY : undefined);
  });
});
