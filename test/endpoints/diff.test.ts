import { describe, expect, test } from "vitest";
import { diffEndpoints, diffSlices, isOwnSlice } from "../../shared/endpoints/diff.ts";
import type { PackedSlice } from "../../shared/endpoints/packing.ts";
import type { EndpointsAction } from "../../shared/model/action.ts";
import type { Endpoints, EndpointSlice, NodeEndpoint } from "../../shared/model/slice.ts";
import { endpoint, endpointsObject, ids, service, SERVICE_UID, slice } from "../build-nodes.ts";
import { OTHER_OWNER, OWNER } from "../build.ts";

const target = { service: service(), owner: OWNER };

/** What packing wants in the slice of that number. */
function wanted(index: number, holding: readonly NodeEndpoint[], over: Partial<PackedSlice> = {}): PackedSlice {
  return { name: `windows-exporter-${index}`, addressType: "IPv4", port: 9182, endpoints: holding, ...over };
}

const nodes = (...holding: readonly number[]): readonly NodeEndpoint[] => holding.map((id) => endpoint(id));

function words(action: EndpointsAction): string {
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
  return diffSlices(packed, live, target).map(words);
}

describe("a slice that is as packed", () => {
  test.each([
    { what: "alike", live: slice(0, [1, 2]) },
    { what: "in another order", live: slice(0, [2, 1]) },
    { what: "of another version", live: slice(0, [1, 2], { resourceVersion: "9" }) },
  ])("costs nothing: $what", ({ live }) => {
    expect(diff([wanted(0, nodes(1, 2))], [live])).toEqual([]);
  });

  test("costs nothing at 1,001 nodes either", () => {
    const parts = ids(0, 10).map((index) => ids(index * 100 + 1, Math.min(index * 100 + 100, 1001)));
    const packed = parts.map((part, index) => wanted(index, nodes(...part)));
    const live = parts.map((part, index) => slice(index, part));
    expect(diff(packed, live)).toEqual([]);
  });
});

describe("a slice", () => {
  const again = ["apply 0 over slice-0"];
  test.each([
    { what: "is not there", packed: [wanted(0, nodes(1))], live: [], does: ["apply 0 over none"] },
    { what: "lacks a node", packed: [wanted(0, nodes(1, 2))], live: [slice(0, [1])], does: again },
    { what: "has one too many", packed: [wanted(0, nodes(1))], live: [slice(0, [1, 2])], does: again },
    {
      what: "has one twice",
      packed: [wanted(0, nodes(1, 2))],
      live: [slice(0, [1, 1])],
      does: again,
    },
    {
      what: "is of another form",
      packed: [wanted(0, [])],
      live: [slice(0, [], { endpoints: undefined })],
      does: again,
    },
    { what: "has another port", packed: [wanted(0, [])], live: [slice(0, [], { port: 19182 })], does: again },
    { what: "has no one port", packed: [wanted(0, [])], live: [slice(0, [], { port: undefined })], does: again },
    {
      what: "belongs to a Service that was",
      packed: [wanted(0, [])],
      live: [slice(0, [], { serviceUid: "old" })],
      does: again,
    },
    {
      what: "belongs to no Service",
      packed: [wanted(0, [])],
      live: [slice(0, [], { serviceUid: undefined })],
      does: again,
    },
    { what: "is not wanted", packed: [], live: [slice(3, [1])], does: ["delete 3 at slice-3"] },
    {
      what: "is of another family",
      packed: [],
      live: [slice(0, [], { addressType: "IPv6" })],
      does: ["delete 0 at slice-0"],
    },
  ])("that $what is written: $does", ({ packed, live, does }) => {
    expect(diff(packed, live)).toEqual(does);
  });

  test.each<Partial<NodeEndpoint>>([
    { ready: false },
    { zone: "westeurope-2" },
    { zone: undefined },
    { uid: "uid-9" },
    { address: "10.0.9.9" },
    { node: endpoint(9).node },
    { port: 19182 },
  ])("of which an endpoint has another %o is written", (other) => {
    expect(diff([wanted(0, [endpoint(1), endpoint(2, other)])], [slice(0, [1, 2])])).toEqual(again);
  });

  test("is written whole, with the Service, the owner and the version that was read", () => {
    const [action] = diffSlices([wanted(0, nodes(1), { port: 19182 })], [slice(0, [2])], target);
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
      },
    });
  });
});

describe("a slice that is not ours", () => {
  const others = [
    { whose: "another app's", over: { owner: OTHER_OWNER } },
    { whose: "without the owner's label", over: { owner: undefined } },
    { whose: "another manager's", over: { managedBy: "endpointslicemirroring-controller.k8s.io" } },
    { whose: "without a manager", over: { managedBy: undefined } },
  ];
  test.each(others)("is not deleted: $whose", ({ over }) => {
    expect(isOwnSlice(slice(0, [1]), target)).toBe(true);
    expect(isOwnSlice(slice(0, [1], over), target)).toBe(false);
    expect(diff([], [slice(0, [1], over)])).toEqual([]);
  });

  test.each(others)("does not count as written: $whose", ({ over }) => {
    expect(diff([wanted(0, nodes(1))], [slice(0, [1], over)])).toEqual(["apply 0 over none"]);
  });

  test("nor one under another name", () => {
    expect(diff([], [slice(0, [1], { name: "windows-exporter-x7k2p" })])).toEqual([]);
    expect(diff([], [slice(64, [1])])).toEqual([]);
  });
});

describe("the order of writes", () => {
  test("is deletions, then removals, then additions", () => {
    const packed = [wanted(0, nodes(1, 5)), wanted(1, nodes(2)), wanted(3, nodes(6)), wanted(4, nodes(7))];
    const live = [slice(0, [1]), slice(1, [2, 3]), slice(2, [4]), slice(4, [7], { serviceUid: "old" })];
    const does = ["delete 2 at slice-2", "apply 1 over slice-1", "apply 4 over slice-4"];
    expect(diff(packed, live)).toEqual([...does, "apply 0 over slice-0", "apply 3 over none"]);
  });

  test("lets a removal of one and an addition of another count as an addition", () => {
    const packed = [wanted(0, nodes(1, 4)), wanted(1, nodes(2))];
    expect(diff(packed, [slice(0, [1, 5]), slice(1, [2, 3])])).toEqual([
      "apply 1 over slice-1",
      "apply 0 over slice-0",
    ]);
  });
});

const diffObject = (endpoints: readonly NodeEndpoint[], live: Endpoints | undefined): readonly string[] =>
  diffEndpoints(endpoints, live, target).map(words);

const object = (over: Partial<Endpoints> = {}): Endpoints => endpointsObject([1, 2], over);

describe("the Endpoints object", () => {
  const both = nodes(1, 2);
  const again = ["apply over object"];

  test.each([
    { what: "is as wanted", live: object(), does: [] },
    { what: "is in another order", live: endpointsObject([2, 1]), does: [] },
    { what: "is of another version", live: object({ resourceVersion: "9" }), does: [] },
    { what: "is not there", live: undefined, does: ["apply over none"] },
    { what: "lacks a node", live: endpointsObject([1]), does: again },
    { what: "has one too many", live: endpointsObject([1, 2, 3]), does: again },
    { what: "has another one", live: endpointsObject([1, 3]), does: again },
    { what: "is mirrored", live: object({ skipsMirroring: false }), does: again },
    { what: "lacks the owner's label", live: object({ owner: undefined }), does: again },
    { what: "has subsets that are not managed by us", live: object({ isManaged: false }), does: again },
    { what: "is of another form", live: object({ endpoints: undefined }), does: again },
  ])("that $what: $does", ({ live, does }) => {
    expect(diffObject(both, live)).toEqual(does);
  });

  test.each([
    { what: "empty costs nothing", live: endpointsObject([]), does: [] },
    { what: "not empty is emptied, not deleted", live: object(), does: again },
    { what: "missing is made", live: undefined, does: ["apply over none"] },
  ])("without nodes, $what", ({ live, does }) => {
    expect(diffObject([], live)).toEqual(does);
  });

  test.each<{ other: Partial<NodeEndpoint>; does: readonly string[] }>([
    { other: { zone: "westeurope-2" }, does: [] },
    { other: { ready: false }, does: again },
    { other: { uid: "uid-9" }, does: again },
    { other: { port: 19182 }, does: again },
  ])("has no zone, and the rest counts: $other", ({ other, does }) => {
    expect(diffObject([endpoint(1), endpoint(2, other)], object())).toEqual(does);
  });

  test("is written whole, with the owner and the version that was read", () => {
    expect(diffEndpoints(both, endpointsObject([1]), target)).toEqual([
      { kind: "apply-endpoints", endpoints: { endpoints: both, owner: OWNER, resourceVersion: "object" } },
    ]);
  });
});
