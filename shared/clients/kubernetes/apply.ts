import {
  type DesiredEndpoints,
  type DesiredSlice,
  MANAGED_BY,
  type NodeEndpoint,
  OWNER_LABEL,
  PORT_NAME,
  SERVICE_NAME,
  SKIP_MIRROR_LABEL,
} from "../../model/slice.ts";
import type { ObjectToApply } from "./hand-over.ts";
import { MANAGED_BY_LABEL, SERVICE_LABEL } from "./schemas.ts";

/** Returns the Endpoints object for server-side apply, with the fields that the app manages and no others. */
export function endpointsToApply(desired: DesiredEndpoints, namespace: string): ObjectToApply {
  return {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: {
      name: SERVICE_NAME,
      namespace,
      ...versionOf(desired),
      labels: { [OWNER_LABEL]: desired.owner, [SKIP_MIRROR_LABEL]: "true" },
    },
    subsets: subsetsOf(desired.endpoints),
  };
}

/** Returns an EndpointSlice for server-side apply. The Service owns it, so deleting the Service deletes the slice. */
export function sliceToApply(desired: DesiredSlice, namespace: string): ObjectToApply {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: desired.name,
      namespace,
      ...versionOf(desired),
      labels: { [OWNER_LABEL]: desired.owner, [MANAGED_BY_LABEL]: MANAGED_BY, [SERVICE_LABEL]: SERVICE_NAME },
      ownerReferences: [{ apiVersion: "v1", kind: "Service", name: SERVICE_NAME, uid: desired.serviceUid }],
    },
    addressType: desired.addressType,
    ports: [portOf(desired.port)],
    endpoints: desired.endpoints.map((each) => ({
      addresses: [each.address],
      conditions: { ready: each.ready },
      ...referenceOf(each),
      ...(each.zone !== undefined && { zone: each.zone }),
    })),
  };
}

/**
 * Returns one subset per port, ordered by port; none without endpoints, because the API server rejects an empty one.
 */
function subsetsOf(endpoints: readonly NodeEndpoint[]): readonly object[] {
  const byPort = Map.groupBy(endpoints, ({ port }) => port);
  return [...byPort]
    .toSorted(([a], [b]) => a - b)
    .map(([port, group]) => {
      const { true: ready = [], false: notReady = [] } = Object.groupBy(group, (each) => `${each.ready}` as const);
      return {
        ...(ready.length > 0 && { addresses: ready.map(addressOf) }),
        ...(notReady.length > 0 && { notReadyAddresses: notReady.map(addressOf) }),
        ports: [portOf(port)],
      };
    });
}

const addressOf = (endpoint: NodeEndpoint): object => ({ ip: endpoint.address, ...referenceOf(endpoint) });

const referenceOf = ({ node, uid }: NodeEndpoint): object => ({
  nodeName: node,
  targetRef: { kind: "Node", name: node, uid },
});

const portOf = (port: number): object => ({ name: PORT_NAME, port, protocol: "TCP" });

const versionOf = ({ resourceVersion }: Pick<DesiredSlice, "resourceVersion">): { readonly resourceVersion?: string } =>
  resourceVersion === undefined ? {} : { resourceVersion };
