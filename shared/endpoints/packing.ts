import { byText } from "../model/order.ts";
import { type AddressFamily, ENDPOINTS_PER_SLICE, type NodeEndpoint, SLICE_NAMES } from "../model/slice.ts";
import { EXPORTER_PORTS } from "./desired.ts";

const byNode = byText<NodeEndpoint>(({ node }) => node);

/** The fields of an existing slice that packing reads. */
export interface LiveSlice {
  readonly name: string;
  readonly addressType: string;
  readonly port: number | undefined;
  readonly endpoints: readonly NodeEndpoint[];
}

/** A slice with its desired endpoints. */
export interface PackedSlice {
  readonly name: string;
  readonly addressType: AddressFamily;
  readonly port: number;
  readonly endpoints: readonly NodeEndpoint[];
}

export interface Packing {
  /** Sorted by number. The first one is that which claims the Service, whose name no other program uses. */
  readonly slices: readonly PackedSlice[];
  /** Endpoints that do not fit into the slices with fixed names. */
  readonly overflow: readonly NodeEndpoint[];
}

interface Draft {
  readonly name: string;
  readonly port: number;
  readonly endpoints: NodeEndpoint[];
}

/**
 * Distributes endpoints over the slices by stable first fit, so that a change rewrites few slices. An endpoint stays in
 * the slice that has it; new endpoints fill the gaps of removed ones in the order of the slice names, then start new
 * slices. A slice has one port and one address family; an empty slice is dropped, except the first one, which claims the
 * Service. The name of a slice of another family stays reserved until that slice is deleted, because `addressType` is
 * immutable; again except the first one, whose deletion and creation are two actions of one pass.
 */
export function pack(
  endpoints: readonly NodeEndpoint[],
  family: AddressFamily,
  live: readonly LiveSlice[],
  foreignNames: readonly string[] = [],
): Packing {
  const unplaced = new Map(endpoints.map((each) => [targetKey(each), each]));
  const drafts = live
    .filter((slice) => slice.addressType === family && SLICE_NAMES.includes(slice.name))
    .toSorted(bySliceName)
    .map((slice): Draft => retainEndpoints(slice, unplaced))
    .filter((draft) => draft.endpoints.length > 0);
  const claimed = SLICE_NAMES.find((name) => !foreignNames.includes(name));
  const otherFamilyNames = live.filter((slice) => slice.addressType !== family).map(({ name }) => name);
  const reservedNames = new Set([...otherFamilyNames.filter((name) => name !== claimed), ...foreignNames]);
  const overflow: NodeEndpoint[] = [];
  for (const endpoint of [...unplaced.values()].toSorted(byNode)) {
    const draft =
      drafts.find((each) => each.port === endpoint.port && each.endpoints.length < ENDPOINTS_PER_SLICE) ??
      startSlice(drafts, reservedNames, endpoint.port);
    if (draft) draft.endpoints.push(endpoint);
    else overflow.push(endpoint);
  }
  if (claimed !== undefined && !drafts.some(({ name }) => name === claimed)) {
    const port = live.find(({ name, addressType }) => name === claimed && addressType === family)?.port;
    drafts.push({ name: claimed, port: port ?? EXPORTER_PORTS.managed, endpoints: [] });
  }
  const slices = drafts.map(({ name, port, endpoints: packed }) => {
    return { name, addressType: family, port, endpoints: packed.toSorted(byNode) };
  });
  return { slices: slices.toSorted(bySliceName), overflow };
}

/** Orders slices by their number: `windows-exporter-2` before `windows-exporter-10`. */
function bySliceName(a: { readonly name: string }, b: { readonly name: string }): number {
  return SLICE_NAMES.indexOf(a.name) - SLICE_NAMES.indexOf(b.name);
}

/**
 * Moves the endpoints that a live slice keeps from `unplaced` into a draft. An endpoint that is in two live slices thus
 * stays in the first one only. A slice of unknown port keeps none.
 */
function retainEndpoints({ name, port, endpoints }: LiveSlice, unplaced: Map<string, NodeEndpoint>): Draft {
  const retained: NodeEndpoint[] = [];
  for (const each of endpoints) {
    const desired = unplaced.get(targetKey(each));
    if (!desired || desired.port !== port || retained.length >= ENDPOINTS_PER_SLICE) continue;
    unplaced.delete(targetKey(each));
    retained.push(desired);
  }
  return { name, port: port ?? 0, endpoints: retained };
}

/** Adds an empty draft under the first free name; returns undefined if all names are in use. */
function startSlice(drafts: Draft[], reservedNames: ReadonlySet<string>, port: number): Draft | undefined {
  const name = SLICE_NAMES.find((each) => !reservedNames.has(each) && !drafts.some((draft) => draft.name === each));
  if (name === undefined) return undefined;
  const draft: Draft = { name, port, endpoints: [] };
  drafts.push(draft);
  return draft;
}

/**
 * Returns the identity of a scrape target. An address keeps its slice when another machine takes it over: in two
 * slices, even between two writes, it would be two targets.
 */
function targetKey({ address, port }: NodeEndpoint): string {
  return `${address} ${port}`;
}
