import { describe, expect, test } from "vitest";
import { EMPTY_ENDPOINTS_MEMORY, forgetEndpointsWaits, rememberEndpoints } from "../../shared/endpoints/memory.ts";
import type { Outcome } from "../../shared/model/action.ts";
import { addressOf, endpoint, endpointsObject, endpointsMemory, nodeName, slice as liveSlice } from "../build-nodes.ts";
import { HOUR, MINUTE, NOW } from "../build.ts";
import { desired, slice } from "../contracts/kube-fixture.ts";
import { describePlan, plan, type World } from "./planned.ts";

const refused = { node: nodeName(2), address: addressOf(2), message: "may not be", attempts: 1 };
const error = { fault: "bug", message: "may not be", names: { nodes: [nodeName(2)] } } as const;
const action = {
  kind: "apply-endpoint-slice",
  slice: slice("uid", { endpoints: [endpoint(1), endpoint(2)] }),
} as const;
const object = { kind: "apply-endpoints", endpoints: desired({ endpoints: [endpoint(1), endpoint(2)] }) } as const;
const outcome = (over: Partial<Outcome> = {}): Outcome => ({ action, status: "done", at: NOW, ...over });
const withoutNode2 = { slices: [liveSlice(0, [1])], endpoints: endpointsObject([1]) };

const leftOut = (world: World): unknown => plan(world).verdicts.find(({ reason }) => reason === "no-address");

describe("an endpoint that the API server refused", () => {
  test("is left out until its next try, with the server's message, and the pass is in sync", () => {
    const memory = { refused: [{ ...refused, retryAt: NOW + 1 }] };
    expect(describePlan(plan({ observed: withoutNode2, memory }))).toBe("in-sync");
    expect(leftOut({ observed: withoutNode2, memory })).toMatchObject({
      subject: { node: nodeName(2) },
      state: "unpublished",
      message: "the API server refuses the endpoint 10.0.0.2, so the app leaves it out: may not be",
    });
  });

  test.each([
    { when: "its time has come", change: { retryAt: NOW } },
    { when: "the node has another address", change: { address: addressOf(3) } },
    { when: "another node has the address", change: { node: nodeName(3) } },
  ])("is written if $when", ({ change }) => {
    const memory = { refused: [{ ...refused, retryAt: NOW + 1, ...change }] };
    expect(describePlan(plan({ observed: withoutNode2, memory }))).toBe("acting -> slice 0 -> object of 2");
  });
});

describe("the memory of refused endpoints", () => {
  test("has each node once, and tries again by the waits for what was refused", () => {
    const outcomes = [outcome({ error }), outcome({ error, action: object })];
    const once = rememberEndpoints(EMPTY_ENDPOINTS_MEMORY, plan({}), outcomes, NOW);
    expect(once.refused).toEqual([{ ...refused, retryAt: NOW + 5 * MINUTE }]);
    const twice = rememberEndpoints(once, plan({}), outcomes, NOW + HOUR);
    expect(twice.refused).toEqual([{ ...refused, attempts: 2, retryAt: NOW + HOUR + 15 * MINUTE }]);
  });

  const before = endpointsMemory({ refused: [{ ...refused, retryAt: NOW }] });
  test.each([
    { what: "keeps what a pass did not try", outcomes: [], expected: 1 },
    { what: "keeps what a pass could not write", outcomes: [outcome({ status: "failed" })], expected: 1 },
    { what: "forgets what a pass has written", outcomes: [outcome()], expected: 0 },
  ])("$what", ({ outcomes, expected }) => {
    expect(rememberEndpoints(before, plan({}), outcomes, NOW).refused).toHaveLength(expected);
  });

  test("forgets a node that is gone", () => {
    expect(rememberEndpoints(before, plan({}, [1]), [], NOW).refused).toEqual([]);
  });

  test("is empty after a resync", () => {
    expect(forgetEndpointsWaits(before).refused).toEqual([]);
  });
});
