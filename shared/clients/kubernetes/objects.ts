import type {
  CoreV1EndpointPort,
  DiscoveryV1EndpointPort,
  V1Endpoint,
  V1EndpointAddress,
  V1Endpoints,
  V1EndpointSlice,
  V1EndpointSubset,
  V1Node,
  V1NodeStatus,
  V1ObjectReference,
  V1OwnerReference,
  V1Service,
} from "@kubernetes/client-node";
import { parseNodeName } from "../../model/ids.ts";
import { memberOf } from "../../model/json.ts";
import type { WindowsNode } from "../../model/node.ts";
import {
  type Endpoints,
  type EndpointSlice,
  FIELD_MANAGER,
  type NodeEndpoint,
  OWNER_LABEL,
  PAUSED_ANNOTATION,
  PORT_NAME,
  type Service,
  SERVICE_NAME,
  SKIP_MIRROR_LABEL,
} from "../../model/slice.ts";

export const SERVICE_LABEL = "kubernetes.io/service-name";
export const MANAGED_BY_LABEL = "endpointslice.kubernetes.io/managed-by";

/** Converts a Service from the SDK's type to the app's. */
export function toService({ metadata, spec }: V1Service): Service {
  return {
    uid: metadata?.uid ?? "",
    hasSelector: Object.keys(spec?.selector ?? {}).length > 0,
    primaryFamily: spec?.ipFamilies?.[0] === "IPv6" ? "IPv6" : "IPv4",
    isPaused: metadata?.annotations?.[PAUSED_ANNOTATION] === "true",
  };
}

/** Converts a Node. A node without a `Ready` condition has been `Unknown` since its creation. */
export function toNode({ metadata = {}, status = {} }: V1Node): WindowsNode {
  const { name = "", uid = "", labels = {}, creationTimestamp, deletionTimestamp } = metadata;
  const createdAt = creationTimestamp?.getTime() ?? 0;
  return {
    name: parseNodeName(name),
    uid,
    createdAt,
    isDeleting: deletionTimestamp !== undefined,
    ...readinessOf(status, createdAt),
    pool: labels["kubernetes.azure.com/agentpool"],
    zone: labels["topology.kubernetes.io/zone"],
    internalIps: (status.addresses ?? []).filter(({ type }) => type === "InternalIP").map(({ address }) => address),
  };
}

function readinessOf({ conditions = [] }: V1NodeStatus, createdAt: number): Pick<WindowsNode, "ready" | "readySince"> {
  const found = conditions.find(({ type }) => type === "Ready");
  const status = found?.status;
  return {
    ready: status === "True" || status === "False" ? status : "Unknown",
    readySince: found?.lastTransitionTime?.getTime() ?? createdAt,
  };
}

/** Converts an Endpoints object. Its endpoints are undefined if a subset has content that this app does not write. */
export function toEndpoints({ metadata = {}, subsets }: V1Endpoints): Endpoints {
  const { labels = {}, resourceVersion = "", managedFields = [] } = metadata;
  return {
    endpoints: toSubsetEndpoints(subsets ?? []),
    resourceVersion,
    owner: labels[OWNER_LABEL],
    isManaged: managedFields.some(
      ({ manager, operation, fieldsV1 }) =>
        manager === FIELD_MANAGER && operation === "Apply" && memberOf(fieldsV1, "f:subsets") !== undefined,
    ),
    skipsMirroring: labels[SKIP_MIRROR_LABEL] === "true",
  };
}

/** Converts an EndpointSlice. Its endpoints are undefined if it has content that this app does not write. */
export function toSlice({ metadata = {}, addressType, ports, endpoints }: V1EndpointSlice): EndpointSlice {
  const { name = "", labels = {}, resourceVersion = "", ownerReferences = [] } = metadata;
  const port = singleOf(ports);
  return {
    name,
    addressType,
    port: port?.port,
    endpoints: toSliceEndpoints(endpoints, port),
    resourceVersion,
    owner: labels[OWNER_LABEL],
    managedBy: labels[MANAGED_BY_LABEL],
    serviceUid: ownerReferences.find(isOurService)?.uid,
  };
}

const singleOf = <T>(list: readonly T[] | undefined): T | undefined => (list?.length === 1 ? list[0] : undefined);

const isOurService = ({ kind, name }: V1OwnerReference): boolean => kind === "Service" && name === SERVICE_NAME;

function toSliceEndpoints(
  raw: readonly V1Endpoint[] | undefined,
  port: DiscoveryV1EndpointPort | undefined,
): readonly NodeEndpoint[] | undefined {
  const number = port?.port;
  if (number === undefined || !isOurPort(port)) return undefined;
  return allOrUndefined((raw ?? []).map((each) => toSliceEndpoint(each, number)));
}

function toSliceEndpoint(raw: V1Endpoint, port: number): NodeEndpoint | undefined {
  const [address, ...others] = raw.addresses;
  const { conditions = {}, nodeName, targetRef, zone, ...rest } = raw;
  const { ready, ...otherConditions } = conditions;
  const node = nodeOf(nodeName, targetRef);
  const isOurs = others.length === 0 && hasOnly(rest, "addresses") && hasOnly(otherConditions);
  if (address === undefined || ready === undefined || node === undefined || !isOurs) return undefined;
  return { ...node, address, port, ready, zone };
}

/** Converts subsets; returns undefined unless there is one per port, ordered by port, as this app writes them. */
function toSubsetEndpoints(subsets: readonly V1EndpointSubset[]): readonly NodeEndpoint[] | undefined {
  const ports = subsets.map(({ ports: [port, ...others] = [] }) =>
    others.length === 0 && isOurPort(port) ? port?.port : undefined,
  );
  const ascends = ports.every((port, index) => port !== undefined && port > (ports[index - 1] ?? 0));
  if (!ascends) return undefined;
  return allOrUndefined(
    subsets.flatMap(({ addresses = [], notReadyAddresses = [] }, index) => [
      ...addresses.map((each) => toSubsetEndpoint(each, ports[index], true)),
      ...notReadyAddresses.map((each) => toSubsetEndpoint(each, ports[index], false)),
    ]),
  );
}

function toSubsetEndpoint(raw: V1EndpointAddress, port: number | undefined, ready: boolean): NodeEndpoint | undefined {
  const { ip, nodeName, targetRef, ...rest } = raw;
  const node = nodeOf(nodeName, targetRef);
  if (node === undefined || port === undefined || !hasOnly(rest)) return undefined;
  return { ...node, address: ip, port, ready, zone: undefined };
}

function nodeOf(
  nodeName: string | undefined,
  targetRef: V1ObjectReference | undefined,
): Pick<NodeEndpoint, "node" | "uid"> | undefined {
  const { kind, name, uid, ...rest } = targetRef ?? {};
  const isNode = kind === "Node" && name === nodeName && hasOnly(rest);
  if (!isNode || name === undefined || uid === undefined) return undefined;
  return { node: parseNodeName(name), uid };
}

function isOurPort(port: CoreV1EndpointPort | DiscoveryV1EndpointPort | undefined): boolean {
  return port?.name === PORT_NAME && (port.protocol ?? "TCP") === "TCP" && port.appProtocol === undefined;
}

/** Returns whether no properties but `keys` are set. */
function hasOnly(value: object, ...keys: readonly string[]): boolean {
  return Object.entries(value).every(([key, member]) => member === undefined || keys.includes(key));
}

/** Returns undefined if one of the endpoints is undefined, because this app did not write it. */
function allOrUndefined(endpoints: readonly (NodeEndpoint | undefined)[]): readonly NodeEndpoint[] | undefined {
  const ours = endpoints.filter((each) => each !== undefined);
  return ours.length === endpoints.length ? ours : undefined;
}
