import {
  type DesiredEndpoints,
  type DesiredSlice,
  MANAGER,
  type NodeEndpoint,
  OWNER_LABEL,
  PORT_NAME,
  SERVICE_NAME,
  SKIP_MIRROR_LABEL,
} from "../../model/slice.ts";
import { MANAGED_BY_LABEL, SERVICE_LABEL } from "./objects.ts";

/** The Endpoints object as it is applied: everything that this app wants to own, and nothing else. */
export function endpointsToApply(wanted: DesiredEndpoints, namespace: string): object {
  return {
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: {
      name: SERVICE_NAME,
      namespace,
      ...versionOf(wanted),
      labels: { [OWNER_LABEL]: wanted.owner, [SKIP_MIRROR_LABEL]: "true" },
    },
    subsets: subsetsOf(wanted.endpoints),
  };
}

/** The same for a slice; it goes with its Service. */
export function sliceToApply(wanted: DesiredSlice, namespace: string): object {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: wanted.name,
      namespace,
      ...versionOf(wanted),
      labels: { [OWNER_LABEL]: wanted.owner, [MANAGED_BY_LABEL]: MANAGER, [SERVICE_LABEL]: SERVICE_NAME },
      ownerReferences: [{ apiVersion: "v1", kind: "Service", name: SERVICE_NAME, uid: wanted.serviceUid }],
    },
    addressType: wanted.addressType,
    ports: [portOf(wanted.port)],
    endpoints: wanted.endpoints.map((each) => ({
      addresses: [each.address],
      conditions: { ready: each.ready },
      ...referenceOf(each),
      ...(each.zone !== undefined && { zone: each.zone }),
    })),
  };
}

/** One per port, ports ascending; none at all without endpoints, for the API server refuses an empty one. */
function subsetsOf(endpoints: readonly NodeEndpoint[]): readonly object[] {
  const byPort = Map.groupBy(endpoints, ({ port }) => port);
  return [...byPort]
    .toSorted(([a], [b]) => a - b)
    .map(([port, those]) => {
      const { true: ready = [], false: notReady = [] } = Object.groupBy(those, (each) => `${each.ready}` as const);
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

const versionOf = ({ resourceVersion }: { readonly resourceVersion: string | undefined }): object =>
  resourceVersion === undefined ? {} : { resourceVersion };
