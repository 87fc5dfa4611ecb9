import type { DesiredExtension } from "./extension.ts";
import type { CallFailure } from "./failure.ts";
import type { ScaleSetId } from "./ids.ts";
import type { Drift, Reason } from "./reason.ts";
import type { InstanceRef } from "./scale-set.ts";
import type { DesiredEndpoints, DesiredSlice } from "./slice.ts";
import type { EpochMs } from "./time.ts";

/**
 * An intended change in Azure Resource Manager. It contains no link to the package; `act` signs one when it performs
 * the action.
 */
export type ExtensionAction =
  | {
      readonly kind: "put-extension";
      readonly scaleSet: ScaleSetId;
      readonly pool: string;
      readonly reason: Drift;
      readonly extension: DesiredExtension;
      /** The scale set's observed etag; ARM rejects the write if the scale set has changed since. */
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

/** The result of one action. An operation that ARM has accepted is `submitted`, not `done`. */
export interface Outcome<A extends Action = Action> {
  readonly action: A;
  readonly status: "done" | "submitted" | "dropped" | "withheld" | "failed";
  readonly at: EpochMs;
  readonly reason?: Reason;
  /** Serialized SDK poller of a submitted operation; it contains the operation's URL and no secret. */
  readonly operation?: string;
  readonly error?: CallFailure;
}

/** Returns why an action must be withheld, undefined if it may be performed. A policy cannot add or change actions. */
export type Policy = (action: Action) => Reason | undefined;

/** An intended change in Kubernetes. */
export type EndpointsAction =
  | { readonly kind: "apply-endpoint-slice"; readonly slice: DesiredSlice }
  | { readonly kind: "delete-endpoint-slice"; readonly name: string; readonly resourceVersion: string }
  | { readonly kind: "apply-endpoints"; readonly endpoints: DesiredEndpoints }
  | { readonly kind: "delete-endpoints"; readonly resourceVersion: string };
