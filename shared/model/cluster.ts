import type { ClusterId } from "./ids.ts";

/** ARM's `provisioningState` and `powerState` of an AKS resource. Azure may add provisioning states. */
export interface AksState {
  readonly provisioningState: string;
  readonly isStopped: boolean;
}

/** The fields of a managed cluster that the app reads. */
export interface Cluster extends AksState {
  readonly id: ClusterId;
  readonly name: string;
  readonly nodeResourceGroup: string;
  /**
   * `nodeResourceGroupProfile.restrictionLevel` is `ReadOnly`: a deny assignment rejects all writes except AKS's own.
   */
  readonly nodeResourceGroupLocked: boolean;
}

/** A node pool; ARM's JSON calls it an agent pool. */
export interface NodePool extends AksState {
  readonly name: string;
  readonly isWindows: boolean;
  /** The Kubernetes version that it runs; undefined if AKS does not say. */
  readonly version: string | undefined;
}

/** Terminal provisioning states. Any other state, a new one too, counts as an operation in progress. */
const TERMINAL_STATES = new Set(["succeeded", "failed", "canceled"]);

/** Returns whether an operation on the resource is in progress. */
export function isMoving(provisioningState: string): boolean {
  return !TERMINAL_STATES.has(provisioningState.toLowerCase());
}

/** Returns whether the last operation on the resource failed or was canceled. */
export function hasFailed(provisioningState: string): boolean {
  return /^(failed|canceled)$/i.test(provisioningState);
}

/** Returns whether the resource is being deleted. */
export function isDeleting(provisioningState: string): boolean {
  return /^deleting$/i.test(provisioningState);
}
