import { describe, expect, test } from "vitest";
import type { EndpointsObserved } from "../../shared/model/observed.ts";
import { endpoint, endpointsObject, ids, node, slice } from "../build-nodes.ts";
import { HOUR, MINUTE, NOW } from "../build.ts";
import { plan, words } from "./planned.ts";

const runs = (...running: readonly number[]): Pick<EndpointsObserved, "nodes"> => ({
  nodes: running.map((id) => node(id)),
});
describe("most of the published addresses", () => {
  const wait = "waiting shrinks";
  test.each([
    { when: "3 of 4 would go", running: [1], of: 4, words: wait },
    { when: "exactly half would go", running: [1, 2], of: 4, words: "acting -> slice 0 -> object of 2" },
    { when: "more than half would go", running: [1, 2], of: 5, words: wait },
    { when: "the only one would go", running: [], of: 1, words: "acting -> no slice 0 -> object of 0" },
    { when: "both would go", running: [], of: 2, words: wait },
    { when: "as many come as go", running: [4, 5, 6], of: 3, words: wait },
    {
      when: "seen a minute ago",
      running: [],
      of: 3,
      since: NOW - MINUTE,
      words: "acting -> no slice 0 -> object of 0",
    },
    { when: "seen less than a minute ago", running: [], of: 3, since: NOW - MINUTE + 1, words: wait },
    { when: "of lost memory", running: [], of: 3, since: undefined, words: wait },
    {
      when: "more would go than last time",
      running: [],
      of: 9,
      since: NOW - HOUR,
      words: "acting -> no slice 0 -> object of 0",
    },
  ])("$when: $words", ({ running, of, since, words: expected }) => {
    expect(words(plan({ observed: runs(...running), memory: { shrinkSince: since } }, ids(1, of)))).toBe(expected);
  });

  test.each([
    { guard: 0.25, running: [1, 2, 3, 4, 5, 6], words: "acting -> slice 0 -> object of 6" },
    { guard: 0.25, running: [1, 2, 3, 4, 5], words: wait },
    { guard: 1, running: [], words: "acting -> no slice 0 -> object of 0" },
  ])("may go at a guard of $guard, $running of 8 staying: $words", ({ guard, running, words: expected }) => {
    expect(words(plan({ desired: { shrinkGuard: guard }, observed: runs(...running) }, ids(1, 8)))).toBe(expected);
  });

  test("are those of the Endpoints object, too", () => {
    expect(words(plan({ observed: { ...runs(1), slices: [slice(0, [1])] } }, ids(1, 4)))).toBe(wait);
    expect(words(plan({ observed: { ...runs(1), endpoints: endpointsObject([1]) } }, ids(1, 4)))).toBe(wait);
  });

  // the design: "would remove": nothing is removed from what this app does not write.
  test("are not those of orphaned slices, which are not removed", () => {
    const slices = [slice(0, [1, 2]), slice(3, ids(7, 12), { name: "windows-exporter-x7k2p" })];
    expect(words(plan({ observed: { slices } }))).toBe("in-sync");
  });

  test("are not those of somebody else's Endpoints, where only slices are written", () => {
    const endpoints = endpointsObject(ids(7, 12), { owner: undefined, isManaged: false });
    expect(words(plan({ desired: { objects: "slices" }, observed: { endpoints } }))).toBe("refused another-manager");
  });

  test("say how many", () => {
    expect(plan({ observed: runs(1) }, ids(1, 4)).verdicts[0]?.message).toMatch(
      /^3 of 4 published addresses would be removed, and SHRINK_GUARD allows 50% at once/,
    );
  });
});

describe("an address", () => {
  // the design: "removing before adding".
  test("that moved to another machine is in no two slices between two writes", () => {
    const heir = node(300, { internalIps: [endpoint(150).address] });
    const newcomer = node(301);
    const staying = [...ids(2, 149), ...ids(151, 200)].map((id) => node(id));
    const { actions } = plan({ observed: { nodes: [...staying, heir, newcomer] } }, ids(1, 200));
    const holding = new Map(
      [[0, ids(1, 100)] as const, [1, ids(101, 200)] as const].map(([index, those]) => [
        `windows-exporter-${index}`,
        those.map((id) => endpoint(id).address),
      ]),
    );
    const most = actions.map((action) => {
      if (action.kind === "delete-endpoint-slice") holding.delete(action.name);
      if (action.kind === "apply-endpoint-slice") {
        holding.set(
          action.slice.name,
          action.slice.endpoints.map(({ address }) => address),
        );
      }
      return [...holding.values()].flat().filter((each) => each === endpoint(150).address).length;
    });
    expect(Math.max(...most)).toBe(1);
  });
});
