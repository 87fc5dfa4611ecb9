import { describe, expect, test } from "vitest";
import { type LiveSlice, pack, type Packing } from "../../shared/endpoints/packing.ts";
import { type NodeEndpoint, SLICE_NAMES } from "../../shared/model/slice.ts";
import { endpoint, ids, slice } from "../build-nodes.ts";

/** A slice that is there, with these nodes' endpoints. */
function live(index: number, holding: readonly number[], over: Partial<LiveSlice> = {}): LiveSlice {
  const { name, addressType, port } = slice(index, []);
  return { name, addressType, port, endpoints: holding.map((id) => endpoint(id)), ...over };
}

function packed(wanted: readonly NodeEndpoint[], slices: readonly LiveSlice[] = []): Packing {
  return pack(wanted, "IPv4", slices);
}

const each = (wanted: readonly number[], over: Partial<NodeEndpoint> = {}): readonly NodeEndpoint[] =>
  wanted.map((id) => endpoint(id, over));

/** Per slice: its number, its port, and the numbers of its nodes, or how many they are. */
function layout({ slices }: Packing): readonly string[] {
  return slices.map(({ name, port, endpoints }) => {
    const numbers = endpoints.map(({ node }) => Number(node.slice(-6)));
    return `${SLICE_NAMES.indexOf(name)} ${port}: ${numbers.length > 9 ? `${numbers.length} nodes` : numbers.join(" ")}`;
  });
}

const native = { port: 19182 };

interface Row {
  readonly what: string;
  readonly wanted: readonly NodeEndpoint[];
  readonly slices: readonly LiveSlice[];
  readonly is: readonly string[];
}

const ROWS: readonly Row[] = [
  { what: "nothing at all", wanted: [], slices: [], is: [] },
  { what: "the first node", wanted: each([1]), slices: [], is: ["0 9182: 1"] },
  { what: "a hundred nodes", wanted: each(ids(1, 100)), slices: [], is: ["0 9182: 100 nodes"] },
  {
    what: "one more than a hundred",
    wanted: each(ids(1, 101)),
    slices: [],
    is: ["0 9182: 100 nodes", "1 9182: 101"],
  },
  {
    what: "what stays, though there is a gap before it",
    wanted: each([1, 2]),
    slices: [live(0, [1]), live(1, [2])],
    is: ["0 9182: 1", "1 9182: 2"],
  },
  {
    what: "what goes, as a gap",
    wanted: each([1, 3, 4]),
    slices: [live(0, [1, 2]), live(1, [3, 4])],
    is: ["0 9182: 1", "1 9182: 3 4"],
  },
  {
    what: "newcomers, into gaps in the order of the names",
    wanted: each(ids(2, 204)),
    slices: [live(1, ids(101, 199)), live(0, ids(1, 100))],
    is: ["0 9182: 100 nodes", "1 9182: 100 nodes", "2 9182: 202 203 204"],
  },
  {
    what: "newcomers, by name and not by number",
    wanted: each([9, 7, 8]),
    slices: [],
    is: ["0 9182: 7 8 9"],
  },
  {
    what: "no slice where all are gone",
    wanted: each([2]),
    slices: [live(0, [1]), live(1, [2])],
    is: ["1 9182: 2"],
  },
  {
    what: "newcomers under a name whose slice was left empty",
    wanted: each([...ids(101, 200), 3]),
    slices: [live(0, [1, 2]), live(1, ids(101, 200))],
    is: ["0 9182: 3", "1 9182: 100 nodes"],
  },
  {
    what: "each port in slices of its own",
    wanted: [...each([1, 3]), ...each([2, 4], native)],
    slices: [],
    is: ["0 9182: 1 3", "1 19182: 2 4"],
  },
  {
    what: "a node whose port changed, into a slice of that port",
    wanted: [...each([1]), ...each([2, 3], native)],
    slices: [live(0, [1, 2]), live(1, [], { ...native, endpoints: each([3], native) })],
    is: ["0 9182: 1", "1 19182: 2 3"],
  },
  {
    what: "a pool whose port changed, in its slice",
    wanted: each([1, 2], native),
    slices: [live(0, [1, 2])],
    is: ["0 19182: 1 2"],
  },
  {
    what: "nothing into a slice of unknown port",
    wanted: each([1, 2]),
    slices: [live(0, [1], { port: undefined }), live(1, [2])],
    is: ["1 9182: 1 2"],
  },
  {
    what: "what lives in two slices, in the first one only",
    wanted: each([1, 2]),
    slices: [live(1, [1, 2]), live(0, [1])],
    is: ["0 9182: 1", "1 9182: 2"],
  },
  {
    what: "the names of another family's slices as taken",
    wanted: each(ids(1, 101)),
    slices: [live(0, [1], { addressType: "IPv6" }), live(2, [2], { addressType: "FQDN" })],
    is: ["1 9182: 100 nodes", "3 9182: 101"],
  },
  {
    what: "nothing into slices of other names",
    wanted: each([1]),
    slices: [live(0, [1], { name: "windows-exporter-x7k2p" })],
    is: ["0 9182: 1"],
  },
];

describe("packing", () => {
  test.each(ROWS)("has $what", ({ wanted, slices, is }) => {
    expect(layout(packed(wanted, slices))).toEqual(is);
    expect(packed(wanted, slices).overflow).toEqual([]);
  });

  test("takes the readiness and the zone of now, and the family", () => {
    const now = endpoint(1, { ready: false, zone: "westeurope-2" });
    const one = { name: SLICE_NAMES[0], addressType: "IPv4", port: 9182, endpoints: [now] };
    expect(packed([now], [live(0, [1])]).slices).toEqual([one]);
    expect(pack([now], "IPv6", []).slices).toEqual([{ ...one, addressType: "IPv6" }]);
  });

  test("keeps the first hundred of a slice that somebody overfilled", () => {
    expect(layout(packed(each(ids(1, 102)), [live(0, ids(1, 102))]))).toEqual(["0 9182: 100 nodes", "1 9182: 101 102"]);
  });

  test("does not take the machine that has a gone one's address for the gone one", () => {
    const heir = endpoint(2, { address: endpoint(1).address });
    expect(packed([heir], [live(0, [1])]).slices[0]?.endpoints).toEqual([heir]);
  });

  test("does not depend on the order of its input", () => {
    const wanted = [...each(ids(50, 320)), ...each(ids(400, 510), native)];
    const slices = [live(0, ids(1, 100)), live(1, ids(101, 180)), live(5, ids(200, 230))];
    expect(packed(wanted.toReversed(), slices.toReversed())).toEqual(packed(wanted, slices));
  });
});

describe("the 64 names", () => {
  test("have room for 6,400 addresses", () => {
    const { slices, overflow } = packed(each(ids(1, 6400)));
    expect(slices.map(({ name }) => name)).toEqual(SLICE_NAMES);
    expect(new Set(slices.map(({ endpoints }) => endpoints.length))).toEqual(new Set([100]));
    expect(overflow).toEqual([]);
  });

  test("leave the last of 6,401 out", () => {
    const { slices, overflow } = packed(each(ids(1, 6401)));
    expect(slices).toHaveLength(64);
    expect(overflow).toEqual(each([6401]));
  });

  test("leave a newcomer out, and nobody who has a place", () => {
    const slices = SLICE_NAMES.map((_, index) => live(index, ids(index * 100 + 1, index * 100 + 100)));
    const { overflow } = packed(each(ids(0, 6400)), slices);
    expect(overflow).toEqual(each([0]));
  });

  test("hold gaps that are filled before anything is left out", () => {
    const slices = SLICE_NAMES.map((_, index) => live(index, [index * 100 + 1]));
    const { slices: full, overflow } = packed(each(ids(1, 6400)), slices);
    expect(full).toHaveLength(64);
    expect(overflow).toEqual([]);
  });

  test("leave out a port for which no name is free", () => {
    const { overflow } = packed([...each(ids(1, 6301)), ...each([7000], native)]);
    expect(overflow).toEqual(each([7000], native));
  });

  test("of which all are another family's leave no room", () => {
    const slices = SLICE_NAMES.map((_, index) => live(index, [], { addressType: "IPv6" }));
    expect(packed(each([1]), slices)).toEqual({ slices: [], overflow: each([1]) });
  });
});
