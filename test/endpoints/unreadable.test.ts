import { describe, expect, test } from "vitest";
import {
  addressOf,
  endpoint,
  endpointsObject,
  exporterStatus,
  exporterStatuses,
  node,
  nodeName,
  service,
  slice,
} from "../build-nodes.ts";
import { DAY, forPools, NOW, OTHER_OWNER } from "../build.ts";
import { describePlan, plan, type World } from "./planned.ts";

const unreadable = [{ name: nodeName(1), problem: "status.addresses.0.address: found null, expected a text" }];

function verdictsOf(world: World): readonly string[] {
  return plan(world).verdicts.map(({ subject, state, reason }) =>
    [subject.kind === "node" ? subject.node : subject.kind, state, reason].filter(Boolean).join(" "),
  );
}

describe("a node whose Node object cannot be read", () => {
  test("stays published as it is, next to the others", () => {
    const observed = { nodes: [node(2)], unreadable };
    expect(describePlan(plan({ observed }))).toBe("in-sync");
    expect(verdictsOf({ observed })).toEqual([
      "cluster in-sync",
      `${nodeName(1)} uncovered unreadable`,
      `${nodeName(2)} published`,
    ]);
    expect(plan({ observed }).verdicts[1]?.message).toContain("found null, expected a text");
  });

  test("keeps no other node from being published", () => {
    const exporters = exporterStatuses([1, 2, 3].map((id) => exporterStatus(id)));
    const { actions } = plan({ observed: { nodes: [node(2), node(3)], unreadable, exporters } });
    expect(actions).toMatchObject([
      { kind: "apply-endpoint-slice", slice: { endpoints: [endpoint(1), endpoint(2), endpoint(3)] } },
      { kind: "apply-endpoints" },
    ]);
  });

  test("is not published if it was not", () => {
    const observed = { nodes: [node(2)], unreadable, slices: [slice(0, [2])], endpoints: endpointsObject([2]) };
    expect(describePlan(plan({ observed }))).toBe("in-sync");
    expect(verdictsOf({ observed })).toContain(`${nodeName(1)} unpublished unreadable`);
  });

  test("gives its address to a node that can be read", () => {
    const observed = { nodes: [node(2, { internalIps: [addressOf(1)] })], unreadable };
    const { actions } = plan({ observed, desired: { shrinkGuard: 1 } });
    const now = { node: nodeName(2), address: addressOf(1) };
    expect(actions[0]).toMatchObject({ slice: { endpoints: [now] } });
    expect(verdictsOf({ observed })).toContain(`${nodeName(1)} unpublished unreadable`);
  });

  test("takes no endpoint from the objects of another app", () => {
    const slices = [slice(0, [2]), slice(1, [1], { name: "other", owner: OTHER_OWNER })];
    const observed = { nodes: [node(2)], unreadable, slices, endpoints: endpointsObject([2]) };
    expect(verdictsOf({ observed, desired: { objects: "slices" } })).toContain(`${nodeName(1)} unpublished unreadable`);
  });
});

describe("the endpoint of a node whose Node object cannot be read", () => {
  test("is as ready as in any of the objects", () => {
    const slices = [slice(0, [], { endpoints: [endpoint(1, { ready: false }), endpoint(2)] })];
    const { actions } = plan({ observed: { nodes: [node(2)], unreadable, slices } });
    expect(actions).toMatchObject([{ slice: { endpoints: [{ ready: true }, { ready: true }] } }]);
  });

  test("is published once if the objects have its address for two such nodes", () => {
    const twin = { node: nodeName(2), uid: "uid-2", zone: undefined };
    const observed = {
      nodes: [],
      unreadable: [...unreadable, { name: nodeName(2), problem: "status: found 1, expected an object" }],
      slices: [slice(0, [1])],
      endpoints: endpointsObject([], { endpoints: [endpoint(1, twin)] }),
    };
    const { actions } = plan({ observed });
    expect(actions.slice(1)).toMatchObject([
      { kind: "apply-endpoints", endpoints: { endpoints: [{ node: nodeName(1) }] } },
    ]);
  });

  test("is removed with its pool", () => {
    const off = forPools({ sources: { win1: "off" } });
    expect(verdictsOf({ observed: { nodes: [node(2)], unreadable }, desired: off })).toContain(
      `${nodeName(1)} excluded pool-off`,
    );
  });

  test("is excluded with every other node of a pool that is uninstalled", () => {
    const verdicts = verdictsOf({ observed: { nodes: [node(2)], unreadable }, desired: forPools({ uninstall: "*" }) });
    expect(verdicts.slice(1)).toEqual([`${nodeName(1)} excluded uninstall`, `${nodeName(2)} excluded uninstall`]);
  });

  test("is not published with an address of another family", () => {
    const observed = { nodes: [], unreadable, service: service({ primaryFamily: "IPv6" }) };
    expect(verdictsOf({ observed })).toContain(`${nodeName(1)} unpublished unreadable`);
  });
});

test("a node that is Unknown since no known time is not gone", () => {
  const silent = { ready: "Unknown", isDeleting: false } as const;
  const exporters = exporterStatuses([exporterStatus(1, { isRunning: false }), exporterStatus(2), exporterStatus(3)]);
  const nodesOf = (readySince: number | undefined) => [node(1, { ...silent, readySince }), node(2), node(3)];
  const gone = { nodes: nodesOf(NOW - DAY), exporters };
  expect(verdictsOf({ observed: gone })).toContain(`${nodeName(1)} unpublished node-gone`);
  expect(verdictsOf({ observed: { ...gone, nodes: nodesOf(undefined) } })).toContain(`${nodeName(1)} published`);
});
