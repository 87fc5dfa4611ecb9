import { byText } from "../model/order.ts";
import { type AddressFamily, ENDPOINTS_PER_SLICE, type NodeEndpoint, SLICE_NAMES } from "../model/slice.ts";

const byNode = byText<NodeEndpoint>(({ node }) => node);

/** A slice that is there already, as far as packing looks at it. */
export interface LiveSlice {
  readonly name: string;
  readonly addressType: string;
  readonly port: number | undefined;
  readonly endpoints: readonly NodeEndpoint[];
}

/** A slice with what is to be in it. */
export interface PackedSlice {
  readonly name: string;
  readonly addressType: AddressFamily;
  readonly port: number;
  readonly endpoints: readonly NodeEndpoint[];
}

export interface Packing {
  readonly slices: readonly PackedSlice[];
  /** What found no room in the fixed names. */
  readonly overflow: readonly NodeEndpoint[];
}

interface Draft {
  readonly name: string;
  readonly port: number;
  readonly endpoints: NodeEndpoint[];
}

/**
 * Stable first fit: an address stays in the slice that has it, the gone leave a gap, newcomers fill gaps in the order
 * of the names, and only then a new slice is begun. One port and one family per slice; a slice left empty goes. A slice
 * of another family keeps its name until it is gone: a slice's family can't change.
 */
export function pack(
  endpoints: readonly NodeEndpoint[],
  family: AddressFamily,
  live: readonly LiveSlice[],
  foreignNames: readonly string[] = [],
): Packing {
  const wanted = new Map(endpoints.map((each) => [placeKey(each), each]));
  const drafts = live
    .filter((slice) => slice.addressType === family && SLICE_NAMES.includes(slice.name))
    .toSorted((a, b) => SLICE_NAMES.indexOf(a.name) - SLICE_NAMES.indexOf(b.name))
    .map((slice): Draft => keep(slice, wanted));
  // Nothing that lives in two slices stays in both: `keep` took it out of the wanted ones.
  const ofOtherFamily = live.filter((slice) => slice.addressType !== family).map(({ name }) => name);
  const taken = new Set([...ofOtherFamily, ...foreignNames]);
  const newcomers = [...wanted.values()].toSorted(byNode);
  const overflow: NodeEndpoint[] = [];
  const kept = drafts.filter((draft) => draft.endpoints.length > 0);
  for (const endpoint of newcomers) {
    const draft =
      kept.find((each) => each.port === endpoint.port && each.endpoints.length < ENDPOINTS_PER_SLICE) ??
      begin(kept, taken, endpoint.port);
    if (draft) draft.endpoints.push(endpoint);
    else overflow.push(endpoint);
  }
  const slices = kept.map(({ name, port, endpoints: packed }) => {
    return { name, addressType: family, port, endpoints: packed.toSorted(byNode) };
  });
  return { slices: slices.toSorted((a, b) => SLICE_NAMES.indexOf(a.name) - SLICE_NAMES.indexOf(b.name)), overflow };
}

/** Takes what the slice may keep out of the wanted ones. A slice of unknown port keeps nothing. */
function keep({ name, port, endpoints }: LiveSlice, wanted: Map<string, NodeEndpoint>): Draft {
  const kept: NodeEndpoint[] = [];
  for (const each of endpoints) {
    const now = wanted.get(placeKey(each));
    if (!now || now.port !== port || kept.length >= ENDPOINTS_PER_SLICE) continue;
    wanted.delete(placeKey(each));
    kept.push(now);
  }
  return { name, port: port ?? 0, endpoints: kept };
}

function begin(drafts: Draft[], taken: ReadonlySet<string>, port: number): Draft | undefined {
  const name = SLICE_NAMES.find((each) => !taken.has(each) && !drafts.some((draft) => draft.name === each));
  if (name === undefined) return undefined;
  const draft: Draft = { name, port, endpoints: [] };
  drafts.push(draft);
  return draft;
}

/** An address keeps its place under another machine: in two slices, even between two writes, it would be two targets. */
function placeKey({ address, port }: NodeEndpoint): string {
  return `${address} ${port}`;
}
