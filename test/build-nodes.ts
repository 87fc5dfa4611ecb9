import type { EndpointsDesired } from "../shared/endpoints/desired.ts";
import { EMPTY_ENDPOINTS_MEMORY, type EndpointsMemory } from "../shared/endpoints/memory.ts";
import { type NodeName, parseNodeName } from "../shared/model/ids.ts";
import type { ExporterStatus, ExporterStatuses, WindowsNode } from "../shared/model/node.ts";
import type { EndpointsObserved } from "../shared/model/observed.ts";
import {
  type Endpoints,
  type EndpointSlice,
  MANAGED_BY,
  type NodeEndpoint,
  type Service,
  SERVICE_NAME,
} from "../shared/model/slice.ts";
import { DAY, forPools, HOUR, MINUTE, NOW, OWNER } from "./build.ts";

/**
 * Builders of a cluster's Windows nodes and of the objects that publish them. By default every node is Ready, proven and
 * published.
 */
export const SERVICE_UID = "service-1";

/** Returns a node name as AKS builds it: `aks`, the pool, six characters. */
export function nodeName(id: number, pool = "win1"): NodeName {
  return parseNodeName(`aks${pool}${String(id).padStart(6, "0")}`);
}

export function addressOf(id: number): string {
  return `10.0.${Math.floor(id / 256)}.${id % 256}`;
}

/** Returns the numbers from `first` to `last`. */
export function ids(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

export function node(id: number, overrides: Partial<WindowsNode> = {}): WindowsNode {
  const names = { name: nodeName(id), uid: `uid-${id}`, bootId: `boot-${id}`, pool: "win1", zone: "westeurope-1" };
  const state = { createdAt: NOW - DAY, isDeleting: false, ready: "True", readySince: NOW - DAY } as const;
  return { ...names, ...state, internalIps: [addressOf(id)], ...overrides };
}

/** Returns the endpoint of a node with a proven exporter. */
export function endpoint(id: number, overrides: Partial<NodeEndpoint> = {}): NodeEndpoint {
  const machine = { node: nodeName(id), uid: `uid-${id}`, address: addressOf(id) };
  return { ...machine, port: 9182, ready: true, zone: "westeurope-1", ...overrides };
}

/** Returns the app's slice of an index, with the endpoints of some nodes. */
export function slice(
  index: number,
  nodeIds: readonly number[],
  overrides: Partial<EndpointSlice> = {},
): EndpointSlice {
  return {
    name: `${SERVICE_NAME}-${index}`,
    addressType: "IPv4",
    port: 9182,
    endpoints: nodeIds.map((id) => endpoint(id)),
    resourceVersion: `slice-${index}`,
    owner: OWNER,
    managedBy: MANAGED_BY,
    serviceUid: SERVICE_UID,
    hasFormerManager: false,
    ...overrides,
  };
}

/** Returns the app's Endpoints object with the endpoints of some nodes; v1 Endpoints has no zone. */
export function endpointsObject(nodeIds: readonly number[], overrides: Partial<Endpoints> = {}): Endpoints {
  const endpoints = nodeIds.map((id) => endpoint(id, { zone: undefined }));
  const state = { isManaged: true, hasFormerManager: false, skipsMirroring: true };
  return { endpoints, resourceVersion: "object", owner: OWNER, ...state, ...overrides };
}

export function service(overrides: Partial<Service> = {}): Service {
  return { uid: SERVICE_UID, hasSelector: false, primaryFamily: "IPv4", isPaused: false, ...overrides };
}

export function exporterStatus(id: number, overrides: Partial<ExporterStatus> = {}): ExporterStatus {
  return { node: nodeName(id), succeededAt: NOW - HOUR, isRunning: true, ...overrides };
}

/** Returns the extension flow's exporter statuses, from a list that is a minute old by default. */
export function exporterStatuses(known: readonly ExporterStatus[], listedAt = NOW - MINUTE): ExporterStatuses {
  return { nodes: new Map(known.map((each) => [each.node, each])), listedAt, passedAt: listedAt };
}

export function desiredEndpoints(overrides: Partial<EndpointsDesired> = {}): EndpointsDesired {
  const settings = { owner: OWNER, namespace: "monitoring", ...forPools({}) };
  return { ...settings, objects: "both", shrinkGuard: 0.5, ...overrides };
}

/** Returns the observation of a cluster whose nodes all run, are proven, and are published in slices of a hundred. */
export function publishedWorld(
  nodeIds: readonly number[],
  overrides: Partial<EndpointsObserved> = {},
): EndpointsObserved {
  const slices = Array.from({ length: Math.max(1, Math.ceil(nodeIds.length / 100)) }, (_, index) =>
    slice(index, nodeIds.slice(index * 100, (index + 1) * 100)),
  );
  return {
    at: NOW,
    service: service(),
    nodes: nodeIds.map((id) => node(id)),
    unreadable: [],
    slices,
    endpoints: endpointsObject(nodeIds),
    exporters: exporterStatuses(nodeIds.map((id) => exporterStatus(id))),
    ...overrides,
  };
}

export function endpointsMemory(overrides: Partial<EndpointsMemory> = {}): EndpointsMemory {
  return { ...EMPTY_ENDPOINTS_MEMORY, ...overrides };
}
