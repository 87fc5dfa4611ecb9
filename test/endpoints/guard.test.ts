import { describe, expect, test } from "vitest";
import type { EndpointsObserved } from "../../shared/model/observed.ts";
import { endpoint, endpointsObject, ids, node, slice } from "../build-nodes.ts";
import { HOUR, MINUTE, NOW } from "../build.ts";
import { describePlan, plan } from "./planned.ts";

const withNodes = (...running: readonly number[]): Pick<EndpointsObserved, "nodes"> => ({
  nodes: running.map((id) => node(id)),
});
describe("the shrink guard", () => {
  const held = "waiting shrinks";
  test.each([
    { when: "3 of 4 addresses are removed", running: [1], of: 4, expected: held },
    { when: "half of them are removed", running: [1, 2], of: 4, expected: "acting -> slice 0 -> object of 2" },
    { when: "more than half are removed", running: [1, 2], of: 5, expected: held },
    { when: "the only one is removed", running: [], of: 1, expected: "acting -> slice 0 -> object of 0" },
    { when: "both are removed", running: [], of: 2, expected: held },
    { when: "as many are added as removed", running: [4, 5, 6], of: 3, expected: held },
    {
      when: "a pass a minute ago was held back",
      running: [],
      of: 3,
      since: NOW - MINUTE,
      expected: "acting shrinks -> slice 0 -> object of 0",
    },
    { when: "only a more recent pass was held back", running: [], of: 3, since: NOW - MINUTE + 1, expected: held },
    { when: "memory is lost", running: [], of: 3, since: undefined, expected: held },
    {
      when: "a pass an hour ago was held back",
      running: [],
      of: 9,
      since: NOW - HOUR,
      expected: "acting shrinks -> slice 0 -> object of 0",
    },
  ])("leads to '$expected' if $when", ({ running, of, since, expected }) => {
    expect(describePlan(plan({ observed: withNodes(...running), memory: { shrinkSince: since } }, ids(1, of)))).toBe(
      expected,
    );
  });

  test.each([
    { guard: 0.25, running: [1, 2, 3, 4, 5, 6], expected: "acting -> slice 0 -> object of 6" },
    { guard: 0.25, running: [1, 2, 3, 4, 5], expected: held },
    { guard: 1, running: [], expected: "acting -> slice 0 -> object of 0" },
  ])("at $guard leads to '$expected' if of 8 nodes $running remain", ({ guard, running, expected }) => {
    expect(describePlan(plan({ desired: { shrinkGuard: guard }, observed: withNodes(...running) }, ids(1, 8)))).toBe(
      expected,
    );
  });

  test("counts the addresses of the slices and of the Endpoints object", () => {
    expect(describePlan(plan({ observed: { ...withNodes(1), slices: [slice(0, [1])] } }, ids(1, 4)))).toBe(held);
    expect(describePlan(plan({ observed: { ...withNodes(1), endpoints: endpointsObject([1]) } }, ids(1, 4)))).toBe(
      held,
    );
  });

  test("does not count the addresses of orphaned slices, because the app removes none of them", () => {
    const slices = [slice(0, [1, 2]), slice(3, ids(7, 12), { name: "windows-exporter-x7k2p" })];
    expect(describePlan(plan({ observed: { slices } }))).toBe("in-sync");
  });

  test("does not count the addresses of a foreign Endpoints object if the app writes only slices", () => {
    const endpoints = endpointsObject(ids(7, 12), { owner: undefined, isManaged: false });
    expect(describePlan(plan({ desired: { objects: "slices" }, observed: { endpoints } }))).toBe(
      "refused another-manager",
    );
  });

  test("says how many addresses would be removed", () => {
    expect(plan({ observed: withNodes(1) }, ids(1, 4)).verdicts[0]?.message).toMatch(
      /^3 of 4 published addresses would be removed, and SHRINK_GUARD allows 50% at once/,
    );
  });
});

describe("an address", () => {
  test("that moved to another machine is never in two slices, not even between two writes", () => {
    const successor = node(300, { internalIps: [endpoint(150).address] });
    const added = node(301);
    const remaining = [...ids(2, 149), ...ids(151, 200)].map((id) => node(id));
    const { actions } = plan({ observed: { nodes: [...remaining, successor, added] } }, ids(1, 200));
    const addressesBySlice = new Map(
      [[0, ids(1, 100)] as const, [1, ids(101, 200)] as const].map(([index, those]) => [
        `windows-exporter-${index}`,
        those.map((id) => endpoint(id).address),
      ]),
    );
    const counts = actions.map((action) => {
      if (action.kind === "delete-endpoint-slice") addressesBySlice.delete(action.name);
      if (action.kind === "apply-endpoint-slice") {
        addressesBySlice.set(
          action.slice.name,
          action.slice.endpoints.map(({ address }) => address),
        );
      }
      return [...addressesBySlice.values()].flat().filter((each) => each === endpoint(150).address).length;
    });
    expect(Math.max(...counts)).toBe(1);
  });
});
