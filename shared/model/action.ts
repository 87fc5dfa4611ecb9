import * as v from "valibot";
import type { DesiredExtension } from "./extension.ts";
import { storedFailure } from "./failure.ts";
import type { ScaleSetId } from "./ids.ts";
import type { NodeFact } from "./node.ts";
import { type Drift, type Reason, storedReason } from "./reason.ts";
import type { InstanceRef } from "./scale-set.ts";
import { epochMs, object } from "./schema.ts";
import type { DesiredEndpoints, DesiredSlice } from "./slice.ts";

/** Schema of the reason of an upgrade. */
export const storedUpgradeReason = v.picklist(["canary", "rollout", "missing", "uninstall"]);

/** What the plan observed of pool and scale set; an action is dropped if they have changed since. */
export interface ObservedState {
  readonly pool: string;
  readonly scaleSet: string;
  readonly etag: string | undefined;
}

/** An instance to upgrade, and what was known of its Node before: what has changed after the upgrade is judged by it. */
export interface UpgradedInstance extends InstanceRef {
  readonly before: NodeFact | undefined;
}

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
      readonly observed: ObservedState;
    }
  | {
      readonly kind: "upgrade-instances";
      readonly scaleSet: ScaleSetId;
      readonly pool: string;
      readonly reason: v.InferOutput<typeof storedUpgradeReason>;
      readonly marker: string;
      /** The try in the model's tag, which the upgrade applies. */
      readonly try: number;
      readonly instances: readonly UpgradedInstance[];
      readonly observed: ObservedState;
    }
  | {
      readonly kind: "delete-extension";
      readonly scaleSet: ScaleSetId;
      readonly pool: string;
      readonly reason: "uninstall";
      readonly observed: ObservedState;
    };

export type Action = ExtensionAction | EndpointsAction;

/** Schema of what became of an action. */
export const storedOutcomeStatus = v.picklist(["done", "submitted", "dropped", "withheld", "failed"]);

/** Fields of every outcome, stored or not. An operation that ARM has accepted is `submitted`, not `done`. */
export const OUTCOME_FIELDS = {
  status: storedOutcomeStatus,
  at: epochMs,
  reason: v.exactOptional(storedReason),
  error: v.exactOptional(storedFailure),
};

const result = object(OUTCOME_FIELDS);

/** The result of one action. */
export interface Outcome<A extends Action = Action> extends v.InferOutput<typeof result> {
  readonly action: A;
  /** Serialized SDK poller of a submitted operation; it contains the operation's URL and no secret. */
  readonly operation?: string;
}

/** Returns why an action must be withheld, undefined if it may be performed. A policy cannot add or change actions. */
export type Policy = (action: Action) => Reason | undefined | Promise<Reason | undefined>;

/** An intended change in Kubernetes. */
export type EndpointsAction =
  | {
      readonly kind: "apply-endpoint-slice";
      readonly slice: DesiredSlice;
      /** Whether it claims the Service for this owner: unless it succeeds, the actions after it are dropped. */
      readonly claims?: true;
    }
  | { readonly kind: "delete-endpoint-slice"; readonly name: string; readonly resourceVersion: string }
  | { readonly kind: "apply-endpoints"; readonly endpoints: DesiredEndpoints }
  | { readonly kind: "delete-endpoints"; readonly resourceVersion: string };
