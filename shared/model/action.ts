import type { DesiredExtension } from "./extension.ts";
import type { CallFailure } from "./failure.ts";
import type { ScaleSetId } from "./ids.ts";
import type { Drift, Reason } from "./reason.ts";
import type { InstanceRef } from "./scale-set.ts";
import type { DesiredEndpoints, DesiredSlice } from "./slice.ts";
import type { EpochMs } from "./time.ts";

/** One intended change in ARM. It holds no link: that is signed while it is performed. */
export type ExtensionAction =
  | {
      readonly kind: "put-extension";
      readonly scaleSet: ScaleSetId;
      readonly pool: string;
      readonly reason: Drift;
      readonly extension: DesiredExtension;
      /** The set's etag as observed: another one at the write means that somebody was quicker. */
      readonly etag: string | undefined;
    }
  | {
      readonly kind: "upgrade-instances";
      readonly scaleSet: ScaleSetId;
      readonly pool: string;
      readonly reason: "canary" | "rollout" | "missing";
      readonly marker: string;
      readonly instances: readonly InstanceRef[];
      readonly etag: string | undefined;
    };

export type Action = ExtensionAction | EndpointsAction;

/** What became of one action: accepted by ARM is `submitted`, not `done`. */
export interface Outcome<A extends Action = Action> {
  readonly action: A;
  readonly status: "done" | "submitted" | "dropped" | "withheld" | "failed";
  readonly at: EpochMs;
  readonly reason?: Reason;
  /** The SDK's serialized poller of a submitted operation: its address, no secret. */
  readonly operation?: string;
  readonly error?: CallFailure;
}

/** Why an action must not be performed now; a policy may only withhold. */
export type Policy = (action: Action) => Reason | undefined;

/** One intended change in Kubernetes. */
export type EndpointsAction =
  | { readonly kind: "apply-endpoint-slice"; readonly slice: DesiredSlice }
  | { readonly kind: "delete-endpoint-slice"; readonly name: string; readonly resourceVersion: string }
  | { readonly kind: "apply-endpoints"; readonly endpoints: DesiredEndpoints }
  | { readonly kind: "delete-endpoints"; readonly resourceVersion: string };
