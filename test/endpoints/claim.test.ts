import { describe, expect, test } from "vitest";
import { endpointsObject, slice } from "../build-nodes.ts";
import { describeWrite, plan, type World } from "./planned.ts";

/** Returns the writes of a plan; the one that claims the Service is marked. */
function writesOf(world: World, nodeIds?: readonly number[]): readonly string[] {
  return plan(world, nodeIds).actions.map((action) => {
    const claims = action.kind === "apply-endpoint-slice" && action.claims;
    return claims ? `claim by ${describeWrite(action)}` : describeWrite(action);
  });
}

const foreign = { owner: undefined, managedBy: "a-controller" };

describe("a pass that writes", () => {
  test.each<World & { readonly when: string; readonly expected: readonly string[] }>([
    { when: "slice 0 differs", observed: { slices: [slice(0, [1])] }, expected: ["claim by slice 0"] },
    {
      when: "slice 0 is as desired",
      observed: { endpoints: undefined },
      expected: ["claim by slice 0", "object of 2"],
    },
    {
      when: "its endpoints are in another slice",
      observed: { slices: [slice(3, [1, 2])] },
      expected: ["claim by slice 0"],
    },
    {
      when: "another slice has to go",
      observed: { slices: [slice(0, [1, 2]), slice(3, [5])] },
      desired: { shrinkGuard: 1 },
      expected: ["claim by slice 0", "no slice 3"],
    },
    {
      when: "slice 0 is of another family",
      observed: { slices: [slice(0, [], { addressType: "IPv6" })] },
      expected: ["no slice 0", "claim by slice 0"],
    },
    {
      when: "slice 0 is another program's",
      observed: { slices: [slice(0, [], foreign)] },
      expected: ["claim by slice 1"],
    },
  ])("first claims the Service if $when: $expected", ({ expected, ...world }) => {
    expect(writesOf(world)).toEqual(expected);
  });

  test("claims with the slice as it is, at the resourceVersion that was read", () => {
    const live = slice(0, [1, 2]);
    expect(plan({ observed: { endpoints: undefined } }).actions[0]).toMatchObject({
      slice: { name: live.name, endpoints: live.endpoints, resourceVersion: live.resourceVersion },
    });
    const moved = plan({ observed: { slices: [slice(0, [], { addressType: "IPv6" })] } });
    expect(moved.actions[1]).toMatchObject({ slice: { addressType: "IPv4", resourceVersion: undefined } });
  });

  test("takes objects over from the field manager of earlier builds", () => {
    const former = { hasFormerManager: true };
    expect(writesOf({ observed: { slices: [slice(0, [1, 2], former)] } })).toEqual(["claim by slice 0"]);
    expect(writesOf({ observed: { endpoints: endpointsObject([1, 2], former) } })).toEqual([
      "claim by slice 0",
      "object of 2",
    ]);
  });
});
