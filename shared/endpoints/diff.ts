import type { EndpointsAction } from "../model/action.ts";
import {
  type DesiredEndpoints,
  type DesiredSlice,
  type Endpoints,
  type EndpointSlice,
  MANAGED_BY,
  type NodeEndpoint,
  type Service,
  SLICE_NAMES,
} from "../model/slice.ts";
import type { PackedSlice } from "./packing.ts";

/** The Service that the objects belong to, and the value of their owner label. */
export interface Ownership {
  readonly service: Service;
  readonly owner: string;
  /** Whether the objects of another owner count as this app's, which then writes its label. */
  readonly adopts?: boolean;
}

/** Returns whether a slice belongs to this app: its managed-by label names the product, its owner label this app. */
export function isOwnSlice(
  { managedBy, owner }: EndpointSlice,
  { owner: expected, adopts }: Pick<Ownership, "owner" | "adopts">,
): boolean {
  return managedBy === MANAGED_BY && (owner === expected || (adopts === true && owner !== undefined));
}

/**
 * Returns the actions that turn the live slices into the packed ones. Removals come before additions, so that an
 * address that moved to another machine is never published twice.
 */
export function diffSlices(
  packed: readonly PackedSlice[],
  live: readonly EndpointSlice[],
  ownership: Ownership,
): readonly EndpointsAction[] {
  const own = live.filter((slice) => isOwnSlice(slice, ownership) && SLICE_NAMES.includes(slice.name));
  const obsolete = own.filter(
    (slice) => !packed.some((each) => each.name === slice.name && each.addressType === slice.addressType),
  );
  const deletes = obsolete.map(({ name, resourceVersion }): EndpointsAction => {
    return { kind: "delete-endpoint-slice", name, resourceVersion };
  });
  const applies = packed.flatMap((slice) => {
    const before = own.find((each) => each.name === slice.name && each.addressType === slice.addressType);
    return before && isSameSlice(slice, before, ownership)
      ? []
      : [{ slice: toDesiredSlice(slice, before, ownership), before }];
  });
  const addsNothing = ({ slice, before }: (typeof applies)[number]): boolean =>
    slice.endpoints.every((each) => (before?.endpoints ?? []).some((other) => other.address === each.address));
  const ordered = [...applies.filter(addsNothing), ...applies.filter((each) => !addsNothing(each))];
  return [...deletes, ...ordered.map(({ slice }): EndpointsAction => ({ kind: "apply-endpoint-slice", slice }))];
}

/**
 * Returns the actions of a pass that writes, with those on the first slice before all others. Its apply claims the
 * Service, even without a difference: of two copies of the app that begin at the same time, one succeeds.
 */
export function claimFirst(
  actions: readonly EndpointsAction[],
  [first]: readonly PackedSlice[],
  live: readonly EndpointSlice[],
  ownership: Ownership,
): readonly EndpointsAction[] {
  if (actions.length === 0 || !first) return actions;
  const { name } = first;
  const before = live.find((each) => each.name === name);
  const planned = actions.flatMap((each) => (each.kind === "apply-endpoint-slice" ? [each.slice] : []));
  const slice = planned.find((each) => each.name === name) ?? toDesiredSlice(first, before, ownership);
  const deletes = actions.filter((each) => each.kind === "delete-endpoint-slice" && each.name === name);
  const others = actions.filter(
    (each) => !deletes.includes(each) && !(each.kind === "apply-endpoint-slice" && each.slice.name === name),
  );
  return [...deletes, { kind: "apply-endpoint-slice", slice, claims: true }, ...others];
}

/** Returns the action that gives the live Endpoints object these endpoints, or none if it already has them. */
export function diffEndpoints(
  endpoints: readonly NodeEndpoint[],
  live: Endpoints | undefined,
  { owner }: Ownership,
): readonly EndpointsAction[] {
  const isSame =
    live !== undefined &&
    live.isManaged &&
    !live.hasFormerManager &&
    live.skipsMirroring &&
    live.owner === owner &&
    hasSameEndpoints(endpoints, live.endpoints, { comparesZone: false });
  if (isSame) return [];
  const { resourceVersion, hasFormerManager = false } = live ?? {};
  const desired: DesiredEndpoints = { endpoints, owner, resourceVersion, hasFormerManager };
  return [{ kind: "apply-endpoints", endpoints: desired }];
}

function toDesiredSlice(
  slice: PackedSlice,
  before: EndpointSlice | undefined,
  { service, owner }: Ownership,
): DesiredSlice {
  const { resourceVersion, hasFormerManager = false } = before ?? {};
  return { ...slice, serviceUid: service.uid, owner, resourceVersion, hasFormerManager };
}

function isSameSlice(slice: PackedSlice, live: EndpointSlice, { service, owner }: Ownership): boolean {
  return (
    !live.hasFormerManager &&
    live.owner === owner &&
    live.port === slice.port &&
    live.serviceUid === service.uid &&
    hasSameEndpoints(slice.endpoints, live.endpoints, { comparesZone: true })
  );
}

/** Compares two lists of endpoints regardless of their order. v1 Endpoints has no zone to compare. */
function hasSameEndpoints(
  desired: readonly NodeEndpoint[],
  live: readonly NodeEndpoint[] | undefined,
  { comparesZone }: { readonly comparesZone: boolean },
): boolean {
  if (live?.length !== desired.length) return false;
  const endpointKey = ({ node, uid, address, port, ready, zone }: NodeEndpoint): string =>
    [node, uid, address, port, ready, comparesZone ? zone : ""].join(" ");
  const keys = new Set(live.map(endpointKey));
  return keys.size === live.length && desired.every((each) => keys.has(endpointKey(each)));
}
