import type { EndpointsAction } from "../model/action.ts";
import {
  type DesiredEndpoints,
  type DesiredSlice,
  type Endpoints,
  type EndpointSlice,
  MANAGER,
  type NodeEndpoint,
  type Service,
  SLICE_NAMES,
} from "../model/slice.ts";
import type { PackedSlice } from "./packing.ts";

/** What is written for a Service, and for whom. */
export interface Target {
  readonly service: Service;
  readonly owner: string;
}

/** Ours: this app's manager and this owner's label. */
export function isOurs({ managedBy, owner }: EndpointSlice, { owner: us }: Target): boolean {
  return managedBy === MANAGER && owner === us;
}

/**
 * What turns the live slices into the packed ones, removing before adding: an address that moved to another machine
 * is never published twice.
 */
export function diffSlices(
  packed: readonly PackedSlice[],
  live: readonly EndpointSlice[],
  target: Target,
): readonly EndpointsAction[] {
  const own = live.filter((slice) => isOurs(slice, target) && SLICE_NAMES.includes(slice.name));
  const gone = own.filter(
    (slice) => !packed.some((each) => each.name === slice.name && each.addressType === slice.addressType),
  );
  const deletes = gone.map(({ name, resourceVersion }): EndpointsAction => {
    return { kind: "delete-endpoint-slice", name, resourceVersion };
  });
  const applies = packed.flatMap((slice) => {
    const before = own.find((each) => each.name === slice.name);
    return before && isSameSlice(slice, before, target)
      ? []
      : [{ slice: toDesiredSlice(slice, before, target), before }];
  });
  const isRemoval = ({ slice, before }: (typeof applies)[number]): boolean =>
    slice.endpoints.every((each) => (before?.endpoints ?? []).some((other) => other.address === each.address));
  const ordered = [...applies.filter(isRemoval), ...applies.filter((each) => !isRemoval(each))];
  return [...deletes, ...ordered.map(({ slice }): EndpointsAction => ({ kind: "apply-endpoint-slice", slice }))];
}

/** What turns the live Endpoints object into one with these addresses; nothing where it is that already. */
export function diffEndpoints(
  endpoints: readonly NodeEndpoint[],
  live: Endpoints | undefined,
  { owner }: Target,
): readonly EndpointsAction[] {
  const isSame =
    live !== undefined &&
    live.isManaged &&
    live.skipsMirroring &&
    live.owner === owner &&
    isSameSet(endpoints, live.endpoints, false);
  if (isSame) return [];
  const desired: DesiredEndpoints = { endpoints, owner, resourceVersion: live?.resourceVersion };
  return [{ kind: "apply-endpoints", endpoints: desired }];
}

function toDesiredSlice(
  slice: PackedSlice,
  before: EndpointSlice | undefined,
  { service, owner }: Target,
): DesiredSlice {
  return { ...slice, serviceUid: service.uid, owner, resourceVersion: before?.resourceVersion };
}

function isSameSlice(slice: PackedSlice, live: EndpointSlice, { service }: Target): boolean {
  return (
    live.port === slice.port && live.serviceUid === service.uid && isSameSet(slice.endpoints, live.endpoints, true)
  );
}

/** Order is no difference; v1 Endpoints has no zone. */
function isSameSet(a: readonly NodeEndpoint[], b: readonly NodeEndpoint[] | undefined, withZone: boolean): boolean {
  if (b?.length !== a.length) return false;
  const keyOf = ({ node, uid, address, port, ready, zone }: NodeEndpoint): string =>
    [node, uid, address, port, ready, withZone ? zone : ""].join(" ");
  const keys = new Set(b.map(keyOf));
  return keys.size === b.length && a.every((each) => keys.has(keyOf(each)));
}
