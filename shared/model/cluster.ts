import type { ClusterId } from "./ids.ts";

/** What AKS is doing, as ARM's `provisioningState` and `powerState` tell; more states may come. */
export interface AksState {
  readonly provisioningState: string;
  readonly isStopped: boolean;
}

/** A managed cluster, as far as the app looks at it. */
export interface Cluster extends AksState {
  readonly id: ClusterId;
  readonly name: string;
  readonly nodeResourceGroup: string;
  /** `nodeResourceGroupProfile.restrictionLevel: ReadOnly`: a deny assignment refuses every write of others than AKS. */
  readonly nodeResourceGroupLocked: boolean;
}

/** A node pool; ARM's JSON calls it an agent pool. */
export interface NodePool extends AksState {
  readonly name: string;
  readonly isWindows: boolean;
}

/** ARM's states in which somebody works on a resource; whatever is neither these nor an end is taken for one of them. */
const ENDED = new Set(["succeeded", "failed", "canceled"]);

/** Whether an operation on the resource is on its way. */
export function isMoving(provisioningState: string): boolean {
  return !ENDED.has(provisioningState.toLowerCase());
}

/** Whether the last operation on the resource ended badly. */
export function hasFailed(provisioningState: string): boolean {
  return /^(failed|canceled)$/i.test(provisioningState);
}
