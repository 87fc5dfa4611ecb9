import { parseNodeName } from "../../model/ids.ts";
import { memberOf, textIn } from "../../model/json.ts";
import type { UnreadableNode, WindowsNode, WindowsNodes } from "../../model/node.ts";
import {
  type Endpoints,
  type EndpointSlice,
  fieldManagerOf,
  FORMER_FIELD_MANAGER,
  type NodeEndpoint,
  OWNER_LABEL,
  PAUSED_ANNOTATION,
  PORT_NAME,
  type Service,
  SERVICE_NAME,
  SKIP_MIRROR_LABEL,
} from "../../model/slice.ts";
import type { EpochMs } from "../../model/time.ts";
import { parseResponse } from "../parse-response.ts";
import * as schemas from "./schemas.ts";

/** Converts a Service. Throws a TypeError that names every invalid field, as the functions below. */
export function toService(raw: unknown): Service {
  const { metadata, spec } = parseResponse(schemas.service, raw, `Service ${nameOf(raw)}`);
  return {
    uid: metadata.uid,
    hasSelector: Object.keys(spec?.selector ?? {}).length > 0,
    primaryFamily: spec?.ipFamilies?.[0] === "IPv6" ? "IPv6" : "IPv4",
    isPaused: metadata.annotations?.[PAUSED_ANNOTATION] === "true",
  };
}

/**
 * Converts a Node. Returns one that cannot be read with its name and the problem, so that the others are still published
 * and its own endpoint stays; throws only if it has no name.
 */
export function toNode(raw: unknown): WindowsNode | UnreadableNode {
  try {
    return toReadableNode(raw);
  } catch (error) {
    const name = textIn(memberOf(raw, "metadata"), "name");
    if (!name || !(error instanceof TypeError)) throw error;
    return { name: parseNodeName(name), problem: error.message };
  }
}

/** Returns the nodes that can be read, and those that cannot. */
export function byReadability(all: readonly (WindowsNode | UnreadableNode)[]): WindowsNodes {
  return { nodes: all.filter((each) => "uid" in each), unreadable: all.filter((each) => "problem" in each) };
}

function toReadableNode(raw: unknown): WindowsNode {
  const { metadata, status } = parseResponse(schemas.node, raw, `Node ${nameOf(raw)}`);
  const { name, uid, labels, creationTimestamp, deletionTimestamp } = metadata;
  const createdAt = creationTimestamp.getTime();
  const addresses = status?.addresses ?? [];
  return {
    name: parseNodeName(name),
    uid,
    bootId: status?.nodeInfo?.bootID || undefined,
    createdAt,
    isDeleting: deletionTimestamp !== undefined,
    ...readinessOf(status, createdAt),
    pool: labels?.[schemas.POOL_LABEL],
    zone: labels?.[schemas.ZONE_LABEL],
    internalIps: addresses.map(({ address }) => address),
  };
}

/** A node without a `Ready` condition has been `Unknown` since its creation. */
function readinessOf(status: schemas.Node["status"], createdAt: EpochMs): Pick<WindowsNode, "ready" | "readySince"> {
  const [found] = status?.conditions ?? [];
  if (!found) return { ready: "Unknown", readySince: createdAt };
  return { ready: found.status, readySince: found.lastTransitionTime?.getTime() };
}

/** Converts an Endpoints object. Its endpoints are undefined if a subset has content that this app does not write. */
export function toEndpoints(raw: unknown): Endpoints {
  const { metadata, subsets } = parseResponse(schemas.endpoints, raw, `Endpoints ${nameOf(raw)}`);
  const { labels, resourceVersion, managedFields } = metadata;
  return {
    endpoints: subsets && toSubsetEndpoints(subsets),
    resourceVersion,
    owner: labels?.[OWNER_LABEL],
    isManaged: (managedFields ?? []).some(
      (entry) => isApplyOfApp(entry, labels?.[OWNER_LABEL]) && memberOf(entry.fieldsV1, "f:subsets") !== undefined,
    ),
    hasFormerManager: hasFormerManager(managedFields),
    skipsMirroring: labels?.[SKIP_MIRROR_LABEL] === "true",
  };
}

/** Converts an EndpointSlice. Its endpoints are undefined if it has content that this app does not write. */
export function toSlice(raw: unknown): EndpointSlice {
  const parsed = parseResponse(schemas.slice, raw, `EndpointSlice ${nameOf(raw)}`);
  const { metadata, addressType, ports, endpoints } = parsed;
  const { name, labels, resourceVersion, ownerReferences, managedFields } = metadata;
  const port = ports?.length === 1 ? ports[0] : undefined;
  return {
    name,
    addressType,
    port: port?.port,
    endpoints: endpoints && toSliceEndpoints(endpoints, port),
    resourceVersion,
    owner: labels?.[OWNER_LABEL],
    managedBy: labels?.[schemas.MANAGED_BY_LABEL],
    serviceUid: (ownerReferences ?? []).find(({ kind, name: owner }) => kind === "Service" && owner === SERVICE_NAME)
      ?.uid,
    hasFormerManager: hasFormerManager(managedFields),
  };
}

type Entry = NonNullable<schemas.ManagedFields>[number];

function isApplyOfApp({ manager, operation }: Entry, owner: string | undefined): boolean {
  const isOfOwner = owner !== undefined && manager === fieldManagerOf(owner);
  return operation === "Apply" && (isOfOwner || manager === FORMER_FIELD_MANAGER);
}

function hasFormerManager(managedFields: schemas.ManagedFields): boolean {
  return (managedFields ?? []).some(
    ({ manager, operation }) => operation === "Apply" && manager === FORMER_FIELD_MANAGER,
  );
}

function nameOf(raw: unknown): string {
  return textIn(memberOf(raw, "metadata"), "name") ?? "without a name";
}

function toSliceEndpoints(
  raw: readonly schemas.RawSliceEndpoint[],
  port: schemas.Port | undefined,
): readonly NodeEndpoint[] | undefined {
  const number = port?.port;
  if (number === undefined || !isOurPort(port)) return undefined;
  return allOrUndefined(raw.map((each) => toSliceEndpoint(each, number)));
}

function toSliceEndpoint(raw: schemas.RawSliceEndpoint, port: number): NodeEndpoint | undefined {
  const { addresses, conditions, nodeName, targetRef, zone, ...rest } = raw;
  const [address, ...others] = addresses;
  const { ready, ...otherConditions } = conditions ?? {};
  const node = nodeOf(nodeName, targetRef);
  const isOurs = others.length === 0 && isEmpty(rest) && isEmpty(otherConditions);
  if (address === undefined || ready === undefined || node === undefined || !isOurs) return undefined;
  return { ...node, address, port, ready, zone };
}

/** Converts subsets; returns undefined unless there is one per port, ordered by port, as this app writes them. */
function toSubsetEndpoints(subsets: readonly schemas.Subset[]): readonly NodeEndpoint[] | undefined {
  const ports = subsets.map((subset) => {
    const [port, ...others] = subset.ports ?? [];
    return others.length === 0 && isOurPort(port) ? port?.port : undefined;
  });
  const ascends = ports.every((port, index) => port !== undefined && port > (ports[index - 1] ?? 0));
  if (!ascends) return undefined;
  return allOrUndefined(
    subsets.flatMap(({ addresses, notReadyAddresses }, index) => [
      ...(addresses ?? []).map((each) => toSubsetEndpoint(each, ports[index], true)),
      ...(notReadyAddresses ?? []).map((each) => toSubsetEndpoint(each, ports[index], false)),
    ]),
  );
}

function toSubsetEndpoint(raw: schemas.Address, port: number | undefined, ready: boolean): NodeEndpoint | undefined {
  const { ip, nodeName, targetRef, ...rest } = raw;
  const node = nodeOf(nodeName, targetRef);
  if (node === undefined || port === undefined || !isEmpty(rest)) return undefined;
  return { ...node, address: ip, port, ready, zone: undefined };
}

function nodeOf(
  nodeName: string | undefined,
  targetRef: schemas.Reference | undefined,
): Pick<NodeEndpoint, "node" | "uid"> | undefined {
  if (!targetRef) return undefined;
  const { kind, name, uid, ...rest } = targetRef;
  const isNode = kind === "Node" && name === nodeName && isEmpty(rest);
  if (!isNode || !name || uid === undefined) return undefined;
  return { node: parseNodeName(name), uid };
}

function isOurPort(port: schemas.Port | undefined): boolean {
  return port?.name === PORT_NAME && (port.protocol ?? "TCP") === "TCP" && port.appProtocol === undefined;
}

/** Returns whether no property is set. */
function isEmpty(value: object): boolean {
  return Object.values(value).every((member) => member === undefined || member === null);
}

/** Returns undefined if one of the endpoints is undefined, because this app did not write it. */
function allOrUndefined(endpoints: readonly (NodeEndpoint | undefined)[]): readonly NodeEndpoint[] | undefined {
  const ours = endpoints.filter((each) => each !== undefined);
  return ours.length === endpoints.length ? ours : undefined;
}
