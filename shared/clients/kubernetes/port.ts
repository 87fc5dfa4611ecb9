import type { WindowsNodes } from "../../model/node.ts";
import type { DesiredEndpoints, DesiredSlice, Endpoints, EndpointSlice, Service } from "../../model/slice.ts";

/**
 * The calls that the app makes to the API server of one cluster, in one namespace. A list is complete, or the call
 * throws. Writes are server-side apply without force, with the resourceVersion that was read.
 */
export interface KubeClient {
  /** Returns undefined if the Service does not exist. */
  readService(signal: AbortSignal): Promise<Service | undefined>;
  /** Lists the nodes with the label `kubernetes.io/os=windows`, in pages. */
  listWindowsNodes(signal: AbortSignal): Promise<WindowsNodes>;
  /** Returns undefined if the Endpoints object does not exist. */
  readEndpoints(signal: AbortSignal): Promise<Endpoints | undefined>;
  /** Lists all slices of the Service, including those of other owners. */
  listSlices(signal: AbortSignal): Promise<readonly EndpointSlice[]>;
  applyEndpoints(endpoints: DesiredEndpoints, signal: AbortSignal): Promise<void>;
  deleteEndpoints(resourceVersion: string, signal: AbortSignal): Promise<void>;
  applySlice(slice: DesiredSlice, signal: AbortSignal): Promise<void>;
  deleteSlice(name: string, resourceVersion: string, signal: AbortSignal): Promise<void>;
}
