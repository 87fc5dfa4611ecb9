import { describe, expect, test } from "vitest";
import { diffEndpoints, diffSlices, isOwnSlice } from "../../shared/endpoints/diff.ts";
import type { PackedSlice } from "../../shared/endpoints/packing.ts";
import type { EndpointsAction } from "../../shared/model/action.ts";
import type { Endpoints, EndpointSlice, NodeEndpoint } from "../../shared/model/slice.ts";
import { endpoint, endpointsObject, ids, service, SERVICE_UID, slice } from "../build-nodes.ts";
import { OTHER_OWNER, OWNER } from "../build.ts";

const ownership = { service: service(), owner: OWNER };

/** Returns a slice of that index as `pack` returns it. */
function packedSlice(
  index: number,
  endpoints: readonly NodeEndpoint[],
  overrides: Partial<PackedSlice> = {},
): PackedSlice {
  return { name: `windows-exporter-${index}`, addressType: "IPv4", port: 9182, endpoints, ...overrides };
}

const nodes = (...nodeIds: readonly number[]): readonly NodeEndpoint[] => nodeIds.map((id) => endpoint(id));

function describeWrite(action: EndpointsAction): string {
  switch (action.kind) {
    case "apply-endpoint-slice":
      return `apply ${action.slice.name.slice(-1)} over ${action.slice.resourceVersion ?? "none"}`;
    case "delete-endpoint-slice":
      return `delete ${action.name.slice(-1)} at ${action.resourceVersion}`;
    case "apply-endpoints":
      return `apply over ${action.endpoints.resourceVersion ?? "none"}`;
    case "delete-endpoints":
      return `delete at ${action.resourceVersion}`;
    default:
      return action satisfies never;
  }
}

function diff(packed: readonly PackedSlice[], live: readonly EndpointSlice[]): readonly string[] {
  return diffSlices(packed, live, ownership).map(describeWrite);
}

describe("a live slice that equals the packed one", () => {
  test.each([
    { state: "the same endpoints", live: slice(0, [1, 2]) },
    { state: "in another order", live: slice(0, [2, 1]) },
    { state: "with another resourceVersion", live: slice(0, [1, 2], { resourceVersion: "9" }) },
  ])("causes no write: $state", ({ live }) => {
    expect(diff([packedSlice(0, nodes(1, 2))], [live])).toEqual([]);
  });

  test("causes no write with 1,001 nodes", () => {
    const parts = ids(0, 10).map((index) => ids(index * 100 + 1, Math.min(index * 100 + 100, 1001)));
    const packed = parts.map((part, index) => packedSlice(index, nodes(...part)));
    const live = parts.map((part, index) => slice(index, part));
    expect(diff(packed, live)).toEqual([]);
  });
});

describe("a slice", () => {
  const rewrite = ["apply 0 over slice-0"];
  test.each([
    { state: "does not exist", packed: [packedSlice(0, nodes(1))], live: [], expected: ["apply 0 over none"] },
    { state: "lacks a node", packed: [packedSlice(0, nodes(1, 2))], live: [slice(0, [1])], expected: rewrite },
    { state: "has an extra node", packed: [packedSlice(0, nodes(1))], live: [slice(0, [1, 2])], expected: rewrite },
    {
      state: "has a node twice",
      packed: [packedSlice(0, nodes(1, 2))],
      live: [slice(0, [1, 1])],
      expected: rewrite,
    },
    {
      state: "has endpoints in another form",
      packed: [packedSlice(0, [])],
      live: [slice(0, [], { endpoints: undefined })],
      expected: rewrite,
    },
    {
      state: "has another port",
      packed: [packedSlice(0, [])],
      live: [slice(0, [], { port: 19182 })],
      expected: rewrite,
    },
    {
      state: "has no single port",
      packed: [packedSlice(0, [])],
      live: [slice(0, [], { port: undefined })],
      expected: rewrite,
    },
    {
      state: "belongs to a deleted Service",
      packed: [packedSlice(0, [])],
      live: [slice(0, [], { serviceUid: "old" })],
      expected: rewrite,
    },
    {
      state: "belongs to no Service",
      packed: [packedSlice(0, [])],
      live: [slice(0, [], { serviceUid: undefined })],
      expected: rewrite,
    },
    { state: "is no longer needed", packed: [], live: [slice(3, [1])], expected: ["delete 3 at slice-3"] },
    {
      state: "is of another family",
      packed: [],
      live: [slice(0, [], { addressType: "IPv6" })],
      expected: ["delete 0 at slice-0"],
    },
  ])("that $state: $expected", ({ packed, live, expected }) => {
    expect(diff(packed, live)).toEqual(expected);
  });

  test.each<Partial<NodeEndpoint>>([
    { ready: false },
    { zone: "westeurope-2" },
    { zone: undefined },
    { uid: "uid-9" },
    { address: "10.0.9.9" },
    { node: endpoint(9).node },
    { port: 19182 },
  ])("with an endpoint that differs in %o is applied", (other) => {
    expect(diff([packedSlice(0, [endpoint(1), endpoint(2, other)])], [slice(0, [1, 2])])).toEqual(rewrite);
  });

  test("is applied completely, with the Service, the owner and the resourceVersion that was read", () => {
    const [action] = diffSlices([packedSlice(0, nodes(1), { port: 19182 })], [slice(0, [2])], ownership);
    expect(action).toEqual({
      kind: "apply-endpoint-slice",
      slice: {
        name: "windows-exporter-0",
        addressType: "IPv4",
        port: 19182,
        endpoints: nodes(1),
        serviceUid: SERVICE_UID,
        owner: OWNER,
        resourceVersion: "slice-0",
        hasFormerManager: false,
      },
    });
  });
});

describe("a slice that does not belong to the app", () => {
  const others = [
    { slice: "of another owner", overrides: { owner: OTHER_OWNER } },
    { slice: "without an owner label", overrides: { owner: undefined } },
    { slice: "of another manager", overrides: { managedBy: "endpointslicemirroring-controller.k8s.io" } },
    { slice: "without a manager", overrides: { managedBy: undefined } },
  ];
  test.each(others)("is not deleted: $slice", ({ overrides }) => {
    expect(isOwnSlice(slice(0, [1]), ownership)).toBe(true);
    expect(isOwnSlice(slice(0, [1], overrides), ownership)).toBe(false);
    expect(diff([], [slice(0, [1], overrides)])).toEqual([]);
  });

  test.each(others)("does not replace the packed slice: $slice", ({ overrides }) => {
    expect(diff([packedSlice(0, nodes(1))], [slice(0, [1], overrides)])).toEqual(["apply 0 over none"]);
  });

  test("is not deleted: under another name", () => {
    expect(diff([], [slice(0, [1], { name: "windows-exporter-x7k2p" })])).toEqual([]);
    expect(diff([], [slice(64, [1])])).toEqual([]);
  });
});

describe("the order of writes", () => {
  test("is deletions, then removals, then additions", () => {
    const packed = [
      packedSlice(0, nodes(1, 5)),
      packedSlice(1, nodes(2)),
      packedSlice(3, nodes(6)),
      packedSlice(4, nodes(7)),
    ];
    const live = [slice(0, [1]), slice(1, [2, 3]), slice(2, [4]), slice(4, [7], { serviceUid: "old" })];
    const first = ["delete 2 at slice-2", "apply 1 over slice-1", "apply 4 over slice-4"];
    expect(diff(packed, live)).toEqual([...first, "apply 0 over slice-0", "apply 3 over none"]);
  });

  test("treats a slice that loses one address and gains another as an addition", () => {
    const packed = [packedSlice(0, nodes(1, 4)), packedSlice(1, nodes(2))];
    expect(diff(packed, [slice(0, [1, 5]), slice(1, [2, 3])])).toEqual([
      "apply 1 over slice-1",
      "apply 0 over slice-0",
    ]);
  });
});

const diffObject = (endpoints: readonly NodeEndpoint[], live: Endpoints | undefined): readonly string[] =>
  diffEndpoints(endpoints, live, ownership).map(describeWrite);

const object = (overrides: Partial<Endpoints> = {}): Endpoints => endpointsObject([1, 2], overrides);

describe("the Endpoints object", () => {
  const both = nodes(1, 2);
  const rewrite = ["apply over object"];

  test.each([
    { state: "is in sync", live: object(), expected: [] },
    { state: "is in another order", live: endpointsObject([2, 1]), expected: [] },
    { state: "has another resourceVersion", live: object({ resourceVersion: "9" }), expected: [] },
    { state: "does not exist", live: undefined, expected: ["apply over none"] },
    { state: "lacks a node", live: endpointsObject([1]), expected: rewrite },
    { state: "has an extra node", live: endpointsObject([1, 2, 3]), expected: rewrite },
    { state: "has another node", live: endpointsObject([1, 3]), expected: rewrite },
    { state: "lacks the skip-mirror label", live: object({ skipsMirroring: false }), expected: rewrite },
    { state: "lacks the owner's label", live: object({ owner: undefined }), expected: rewrite },
    { state: "has subsets of another field manager", live: object({ isManaged: false }), expected: rewrite },
    { state: "has subsets in another form", live: object({ endpoints: undefined }), expected: rewrite },
  ])("that $state: $expected", ({ live, expected }) => {
    expect(diffObject(both, live)).toEqual(expected);
  });

  test.each([
    { state: "an empty object causes no write", live: endpointsObject([]), expected: [] },
    { state: "the subsets are emptied, not deleted", live: object(), expected: rewrite },
    { state: "a missing object is created", live: undefined, expected: ["apply over none"] },
  ])("without nodes, $state", ({ live, expected }) => {
    expect(diffObject([], live)).toEqual(expected);
  });

  test.each<{ other: Partial<NodeEndpoint>; expected: readonly string[] }>([
    { other: { zone: "westeurope-2" }, expected: [] },
    { other: { ready: false }, expected: rewrite },
    { other: { uid: "uid-9" }, expected: rewrite },
    { other: { port: 19182 }, expected: rewrite },
  ])("is compared by all fields but the zone: $other", ({ other, expected }) => {
    expect(diffObject([endpoint(1), endpoint(2, other)], object())).toEqual(expected);
  });

  test("is applied completely, with the owner and the resourceVersion that was read", () => {
    expect(diffEndpoints(both, endpointsObject([1]), ownership)).toEqual([
      {
        kind: "apply-endpoints",
        endpoints: { endpoints: both, owner: OWNER, resourceVersion: "object", hasFormerManager: false },
      },
    ]);
  });
});
