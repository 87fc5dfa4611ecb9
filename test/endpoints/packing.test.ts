import { describe, expect, test } from "vitest";
import { type LiveSlice, pack, type Packing } from "../../shared/endpoints/packing.ts";
import { type NodeEndpoint, SLICE_NAMES } from "../../shared/model/slice.ts";
import { endpoint, ids, slice } from "../build-nodes.ts";

/** Returns a live slice with the endpoints of some nodes. */
function live(index: number, nodeIds: readonly number[], overrides: Partial<LiveSlice> = {}): LiveSlice {
  const { name, addressType, port } = slice(index, []);
  return { name, addressType, port, endpoints: nodeIds.map((id) => endpoint(id)), ...overrides };
}

function packIPv4(endpoints: readonly NodeEndpoint[], slices: readonly LiveSlice[] = []): Packing {
  return pack(endpoints, "IPv4", slices);
}

const endpointsOf = (nodeIds: readonly number[], overrides: Partial<NodeEndpoint> = {}): readonly NodeEndpoint[] =>
  nodeIds.map((id) => endpoint(id, overrides));

/** Returns a line per slice: its index, its port, and the ids of its nodes; of more than 9 nodes, their number. */
function layout({ slices }: Packing): readonly string[] {
  return slices.map(({ name, port, endpoints }) => {
    const numbers = endpoints.map(({ node }) => Number(node.slice(-6)));
    return `${SLICE_NAMES.indexOf(name)} ${port}: ${numbers.length > 9 ? `${numbers.length} nodes` : numbers.join(" ")}`;
  });
}

const native = { port: 19182 };

interface Row {
  readonly rule: string;
  readonly endpoints: readonly NodeEndpoint[];
  readonly slices: readonly LiveSlice[];
  readonly expected: readonly string[];
}

const ROWS: readonly Row[] = [
  { rule: "returns an empty slice 0 for no endpoints", endpoints: [], slices: [], expected: ["0 9182: "] },
  {
    rule: "keeps slice 0 without endpoints, and drops others",
    endpoints: endpointsOf([3], native),
    slices: [live(0, [1], native), live(1, [2]), live(2, [], { ...native, endpoints: endpointsOf([3], native) })],
    expected: ["0 19182: ", "2 19182: 3"],
  },
  { rule: "puts the first node into slice 0", endpoints: endpointsOf([1]), slices: [], expected: ["0 9182: 1"] },
  {
    rule: "puts a hundred nodes into one slice",
    endpoints: endpointsOf(ids(1, 100)),
    slices: [],
    expected: ["0 9182: 100 nodes"],
  },
  {
    rule: "starts a second slice after a hundred",
    endpoints: endpointsOf(ids(1, 101)),
    slices: [],
    expected: ["0 9182: 100 nodes", "1 9182: 101"],
  },
  {
    rule: "keeps an endpoint's slice despite gaps",
    endpoints: endpointsOf([1, 2]),
    slices: [live(0, [1]), live(1, [2])],
    expected: ["0 9182: 1", "1 9182: 2"],
  },
  {
    rule: "leaves a gap for a removed endpoint",
    endpoints: endpointsOf([1, 3, 4]),
    slices: [live(0, [1, 2]), live(1, [3, 4])],
    expected: ["0 9182: 1", "1 9182: 3 4"],
  },
  {
    rule: "fills gaps in the order of slice names",
    endpoints: endpointsOf(ids(2, 204)),
    slices: [live(1, ids(101, 199)), live(0, ids(1, 100))],
    expected: ["0 9182: 100 nodes", "1 9182: 100 nodes", "2 9182: 202 203 204"],
  },
  {
    rule: "orders new endpoints by node name",
    endpoints: endpointsOf([9, 7, 8]),
    slices: [],
    expected: ["0 9182: 7 8 9"],
  },
  {
    rule: "reuses the name of an empty slice",
    endpoints: endpointsOf([...ids(101, 200), 3]),
    slices: [live(0, [1, 2]), live(1, ids(101, 200))],
    expected: ["0 9182: 3", "1 9182: 100 nodes"],
  },
  {
    rule: "uses separate slices for each port",
    endpoints: [...endpointsOf([1, 3]), ...endpointsOf([2, 4], native)],
    slices: [],
    expected: ["0 9182: 1 3", "1 19182: 2 4"],
  },
  {
    rule: "moves an endpoint whose port changed",
    endpoints: [...endpointsOf([1]), ...endpointsOf([2, 3], native)],
    slices: [live(0, [1, 2]), live(1, [], { ...native, endpoints: endpointsOf([3], native) })],
    expected: ["0 9182: 1", "1 19182: 2 3"],
  },
  {
    rule: "reuses a slice name for another port",
    endpoints: endpointsOf([1, 2], native),
    slices: [live(0, [1, 2])],
    expected: ["0 19182: 1 2"],
  },
  {
    rule: "empties a slice of unknown port",
    endpoints: endpointsOf([1, 2]),
    slices: [live(0, [1], { port: undefined }), live(1, [2])],
    expected: ["0 9182: ", "1 9182: 1 2"],
  },
  {
    rule: "keeps a duplicate in the first slice",
    endpoints: endpointsOf([1, 2]),
    slices: [live(1, [1, 2]), live(0, [1])],
    expected: ["0 9182: 1", "1 9182: 2"],
  },
  {
    rule: "skips names of another family's slices, except slice 0",
    endpoints: endpointsOf(ids(1, 101)),
    slices: [live(0, [1], { addressType: "IPv6" }), live(1, [2], { addressType: "FQDN" })],
    expected: ["0 9182: 100 nodes", "2 9182: 101"],
  },
  {
    rule: "ignores slices of other names",
    endpoints: endpointsOf([1]),
    slices: [live(0, [1], { name: "windows-exporter-x7k2p" })],
    expected: ["0 9182: 1"],
  },
];

describe("pack", () => {
  test.each(ROWS)("$rule", ({ endpoints, slices, expected }) => {
    expect(layout(packIPv4(endpoints, slices))).toEqual(expected);
    expect(packIPv4(endpoints, slices).overflow).toEqual([]);
  });

  test("returns the current readiness, zone and family", () => {
    const current = endpoint(1, { ready: false, zone: "westeurope-2" });
    const one = { name: SLICE_NAMES[0], addressType: "IPv4", port: 9182, endpoints: [current] };
    expect(packIPv4([current], [live(0, [1])]).slices).toEqual([one]);
    expect(pack([current], "IPv6", []).slices).toEqual([{ ...one, addressType: "IPv6" }]);
  });

  test("keeps the first hundred endpoints of a slice with more", () => {
    expect(layout(packIPv4(endpointsOf(ids(1, 102)), [live(0, ids(1, 102))]))).toEqual([
      "0 9182: 100 nodes",
      "1 9182: 101 102",
    ]);
  });

  test("replaces an endpoint if another machine has its address", () => {
    const successor = endpoint(2, { address: endpoint(1).address });
    expect(packIPv4([successor], [live(0, [1])]).slices[0]?.endpoints).toEqual([successor]);
  });

  test("does not depend on the order of its input", () => {
    const endpoints = [...endpointsOf(ids(50, 320)), ...endpointsOf(ids(400, 510), native)];
    const slices = [live(0, ids(1, 100)), live(1, ids(101, 180)), live(5, ids(200, 230))];
    expect(packIPv4(endpoints.toReversed(), slices.toReversed())).toEqual(packIPv4(endpoints, slices));
  });
});

describe("the 64 slice names", () => {
  test("hold 6,400 addresses", () => {
    const { slices, overflow } = packIPv4(endpointsOf(ids(1, 6400)));
    expect(slices.map(({ name }) => name)).toEqual(SLICE_NAMES);
    expect(new Set(slices.map(({ endpoints }) => endpoints.length))).toEqual(new Set([100]));
    expect(overflow).toEqual([]);
  });

  test("overflow with the last of 6,401 addresses", () => {
    const { slices, overflow } = packIPv4(endpointsOf(ids(1, 6401)));
    expect(slices).toHaveLength(64);
    expect(overflow).toEqual(endpointsOf([6401]));
  });

  test("overflow with the new endpoint, not with one that is already in a slice", () => {
    const slices = SLICE_NAMES.map((_, index) => live(index, ids(index * 100 + 1, index * 100 + 100)));
    const { overflow } = packIPv4(endpointsOf(ids(0, 6400)), slices);
    expect(overflow).toEqual(endpointsOf([0]));
  });

  test("overflow only after all gaps are filled", () => {
    const slices = SLICE_NAMES.map((_, index) => live(index, [index * 100 + 1]));
    const { slices: full, overflow } = packIPv4(endpointsOf(ids(1, 6400)), slices);
    expect(full).toHaveLength(64);
    expect(overflow).toEqual([]);
  });

  test("overflow with the endpoints of a port for which no name is free", () => {
    const { overflow } = packIPv4([...endpointsOf(ids(1, 6301)), ...endpointsOf([7000], native)]);
    expect(overflow).toEqual(endpointsOf([7000], native));
  });

  test("hold a hundred addresses if all of them are names of another family's slices", () => {
    const slices = SLICE_NAMES.map((_, index) => live(index, [], { addressType: "IPv6" }));
    const packing = packIPv4(endpointsOf(ids(1, 101)), slices);
    expect(layout(packing)).toEqual(["0 9182: 100 nodes"]);
    expect(packing.overflow).toEqual(endpointsOf([101]));
  });

  test("hold nothing if all of them are names of slices of other programs", () => {
    expect(pack(endpointsOf([1]), "IPv4", [], SLICE_NAMES)).toEqual({ slices: [], overflow: endpointsOf([1]) });
  });

  test("begin after the slices of other programs", () => {
    expect(layout(pack([], "IPv4", [], SLICE_NAMES.slice(0, 2)))).toEqual(["2 9182: "]);
  });
});
