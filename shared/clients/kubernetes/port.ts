import type { WindowsNode } from "../../model/node.ts";
import type { DesiredEndpoints, DesiredSlice, Endpoints, EndpointSlice, Service } from "../../model/slice.ts";

/**
 * All that this app asks of one cluster's API server, in one namespace. Lists are complete or throw; writes are
 * server-side apply by PATCH, never forced, with the resourceVersion that was read.
 */
export interface KubeClient {
  /** Undefined where the Service is missing. */
  readService(signal: AbortSignal): Promise<Service | undefined>;
  /** Nodes with label `kubernetes.io/os=windows`, in pages. */
  listWindowsNodes(signal: AbortSignal): Promise<readonly WindowsNode[]>;
  readEndpoints(signal: AbortSignal): Promise<Endpoints | undefined>;
  /** Every slice of the Service, whoever made it. */
  listSlices(signal: AbortSignal): Promise<readonly EndpointSlice[]>;
  applyEndpoints(endpoints: DesiredEndpoints, signal: AbortSignal): Promise<void>;
  deleteEndpoints(resourceVersion: string, signal: AbortSignal): Promise<void>;
  applySlice(slice: DesiredSlice, signal: AbortSignal): Promise<void>;
  deleteSlice(name: string, resourceVersion: string, signal: AbortSignal): Promise<void>;
}
