import { describe, expect, test } from "vitest";
import { endpointsObject, ids, slice } from "../build-nodes.ts";
import { describePlan, plan, type World } from "./planned.ts";

const left = { owner: "left" };
const program = { owner: undefined, managedBy: "a-controller" };

describe("a pass that adopts", () => {
  test.each<World & { readonly when: string; readonly expected: string }>([
    {
      when: "all objects are another owner's",
      observed: { slices: [slice(0, [1, 2], left)], endpoints: endpointsObject([1, 2], left) },
      expected: "acting adopted -> slice 0 -> object of 2",
    },
    {
      when: "another owner has more slices than needed",
      observed: { slices: [slice(0, [1, 2], left), slice(4, [8], left)] },
      expected: "acting adopted -> slice 0 -> no slice 4",
    },
    {
      when: "another owner published nearly everything else",
      observed: { slices: [slice(0, ids(1, 60), left)], endpoints: undefined },
      expected: "acting adopted -> slice 0 -> object of 2",
    },
    { when: "nothing is another's", expected: "in-sync" },
    {
      when: "a slice is another program's",
      observed: { slices: [slice(0, [1, 2]), slice(1, [1, 2], program)] },
      expected: "in-sync",
    },
    {
      when: "only slices are wanted, and the Endpoints object is another's",
      desired: { objects: "slices" },
      observed: { endpoints: endpointsObject([7], { owner: undefined, isManaged: false }) },
      expected: "acting -> slice 0 -> no object",
    },
    {
      when: "its own removals exceed SHRINK_GUARD",
      observed: { slices: [slice(0, ids(1, 6))] },
      expected: "waiting shrinks",
    },
    {
      when: "the Service is paused",
      observed: {
        service: { uid: "uid", hasSelector: false, primaryFamily: "IPv4", isPaused: true },
        slices: [slice(0, [1], left)],
      },
      expected: "waiting paused",
    },
  ])("$when: $expected", ({ expected, desired, ...world }) => {
    expect(describePlan(plan({ ...world, desired: { ...desired, adopts: true } }))).toBe(expected);
  });

  test("keeps what another owner found out: proven exporters stay ready", () => {
    const observed = { slices: [slice(0, [1, 2], left)], exporters: undefined };
    expect(plan({ observed, desired: { adopts: true } }).actions[0]).toMatchObject({
      slice: { endpoints: [{ ready: true }, { ready: true }], resourceVersion: "slice-0" },
    });
  });

  test("does not repeat which objects the last pass left alone", () => {
    const memory = { conflicts: [{ object: "windows-exporter-0", managers: ["kubectl"] }] };
    const reasons = (adopts: boolean) => plan({ memory, desired: { adopts } }).verdicts.map(({ reason }) => reason);
    expect(reasons(false)).toContain("another-manager");
    expect(reasons(true)).not.toContain("another-manager");
  });
});
