import type { EndpointsDesired } from "../shared/endpoints/desired.ts";
import { EMPTY_ENDPOINTS_MEMORY, type EndpointsMemory } from "../shared/endpoints/memory.ts";
import { type NodeName, parseNodeName } from "../shared/model/ids.ts";
import type { ExporterStatus, ExporterStatuses, WindowsNode } from "../shared/model/node.ts";
import type { EndpointsObserved } from "../shared/model/observed.ts";
import {
  type Endpoints,
  type EndpointSlice,
  MANAGER,
  type NodeEndpoint,
  type Service,
  SERVICE_NAME,
} from "../shared/model/slice.ts";
import { DAY, forPools, HOUR, MINUTE, NOW, OWNER } from "./build.ts";

/** Plain data of a cluster's Windows nodes and of the objects that publish them; all is well, but for what is named. */
export const SERVICE_UID = "service-1";

/** As AKS names them: `aks`, the pool, six characters. */
export function nodeName(id: number, pool = "win1"): NodeName {
  return parseNodeName(`aks${pool}${String(id).padStart(6, "0")}`);
}

export function addressOf(id: number): string {
  return `10.0.${Math.floor(id / 256)}.${id % 256}`;
}

/** The numbers from `first` to `last`. */
export function ids(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

export function node(id: number, over: Partial<WindowsNode> = {}): WindowsNode {
  const names = { name: nodeName(id), uid: `uid-${id}`, pool: "win1", zone: "westeurope-1" };
  const state = { createdAt: NOW - DAY, isDeleting: false, ready: "True", readySince: NOW - DAY } as const;
  return { ...names, ...state, internalIps: [addressOf(id)], ...over };
}

/** What is published of that node once its exporter was proved. */
export function endpoint(id: number, over: Partial<NodeEndpoint> = {}): NodeEndpoint {
  const machine = { node: nodeName(id), uid: `uid-${id}`, address: addressOf(id) };
  return { ...machine, port: 9182, ready: true, zone: "westeurope-1", ...over };
}

/** Our slice with that number, and the nodes' endpoints in it. */
export function slice(index: number, holding: readonly number[], over: Partial<EndpointSlice> = {}): EndpointSlice {
  return {
    name: `${SERVICE_NAME}-${index}`,
    addressType: "IPv4",
    port: 9182,
    endpoints: holding.map((id) => endpoint(id)),
    resourceVersion: `slice-${index}`,
    owner: OWNER,
    managedBy: MANAGER,
    serviceUid: SERVICE_UID,
    ...over,
  };
}

/** Our Endpoints object; v1 Endpoints has no zone. */
export function endpointsObject(holding: readonly number[], over: Partial<Endpoints> = {}): Endpoints {
  const endpoints = holding.map((id) => endpoint(id, { zone: undefined }));
  return { endpoints, resourceVersion: "object", owner: OWNER, isManaged: true, skipsMirroring: true, ...over };
}

export function service(over: Partial<Service> = {}): Service {
  return { uid: SERVICE_UID, hasSelector: false, primaryFamily: "IPv4", isPaused: false, ...over };
}

export function install(id: number, over: Partial<ExporterStatus> = {}): ExporterStatus {
  return { node: nodeName(id), succeededAt: NOW - HOUR, isRunning: true, ...over };
}

/** What the extension flow knows, of a list that was taken a minute ago. */
export function exporters(known: readonly ExporterStatus[], listedAt = NOW - MINUTE): ExporterStatuses {
  return { nodes: Object.fromEntries(known.map((each) => [each.node, each])), listedAt };
}

export function desiredEndpoints(over: Partial<EndpointsDesired> = {}): EndpointsDesired {
  const where = { owner: OWNER, namespace: "monitoring", ...forPools({}) };
  return { ...where, objects: "both", shrinkGuard: 0.5, ...over };
}

/** These nodes run, are proved, and are published, in slices of a hundred. */
export function publishedWorld(holding: readonly number[], over: Partial<EndpointsObserved> = {}): EndpointsObserved {
  const parts = Array.from({ length: Math.ceil(holding.length / 100) }, (_, index) =>
    slice(index, holding.slice(index * 100, (index + 1) * 100)),
  );
  return {
    at: NOW,
    service: service(),
    nodes: holding.map((id) => node(id)),
    slices: parts,
    endpoints: endpointsObject(holding),
    exporters: exporters(holding.map((id) => install(id))),
    ...over,
  };
}

export function endpointsMemory(over: Partial<EndpointsMemory> = {}): EndpointsMemory {
  return { ...EMPTY_ENDPOINTS_MEMORY, ...over };
}
