import type { DesiredExtension } from "./extension.ts";
import type { ClusterId, NodeName, ScaleSetId } from "./ids.ts";
import type { InstanceRef } from "./scale-set.ts";
import type { EndpointsAction } from "./slice.ts";

/** Milliseconds since 1970-01-01T00:00Z; only clients and reports know `Date`. */
export type EpochMs = number;

export type Flow = "extension" | "endpoints";

/** What made a pass happen. */
export type Cause = "event" | "timer" | "resync" | "note";

/** Why the model in ARM is written. */
export type Drift =
  | "missing"
  | "package-differs"
  | "settings-differ"
  | "link-expiring"
  | "dangling-dependency"
  | "quarantined"
  | "write-lost"
  | "retry";

/** Why something waits, is refused, or is as it is: the same text in code, logs, reports and metrics. */
export type Reason =
  | Drift
  | "aks-busy"
  | "another-app"
  | "another-manager"
  | "awaiting-canary"
  | "canary"
  | "canary-failed"
  | "changed-meanwhile"
  | "cluster-gone"
  | "duplicate-address"
  | "denied"
  | "dry-run"
  | "foreign-extension"
  | "image-differs"
  | "model-changed"
  | "no-address"
  | "node-gone"
  | "node-resource-group-locked"
  | "observe-only"
  | "other-owner"
  | "other-pool"
  | "out-of-time"
  | "own-operation"
  | "own-operation-lost"
  | "package-unusable"
  | "paused"
  | "pool-off"
  | "too-many"
  | "unexplained"
  | "removed-repeatedly"
  | "rollout"
  | "service-missing"
  | "service-selects"
  | "settling"
  | "shrinks"
  | "sku-differs"
  | "stopped"
  | "throttled"
  | "upgrade-policy"
  | "vmss-cse"
  | "write-failed"
  | `cause-${FailureCause}`;

/** What made an extension's run fail; only `package` counts against a package. */
export type FailureCause = "package" | "download" | "dependency" | "agent";

export type Subject =
  | { readonly kind: "cluster"; readonly cluster: ClusterId }
  | { readonly kind: "scale-set"; readonly scaleSet: ScaleSetId; readonly pool: string }
  | ({ readonly kind: "instance" } & InstanceRef)
  | { readonly kind: "node"; readonly node: NodeName };

/** States of a cluster, a scale set, an instance, a node, in this order. */
export type VerdictState =
  | "proven"
  | "in-canary"
  | "quarantined"
  | "awaiting-canary"
  | "package-unusable"
  | "waiting"
  | "refused"
  | "degraded"
  | "acting"
  | "converging"
  | "at-rest"
  | "left"
  | InstanceState
  | "published"
  | "left-out"
  | "uncovered"
  | "in-sync"
  | "leftover";

export type InstanceState =
  | "unknown"
  | "installing"
  | "stuck"
  | "current"
  | "awaiting-aks"
  | "protected"
  | "no-effect"
  | "failed"
  | "unproven"
  | "unproven-health"
  | "stale";

/** What the plan says of one thing, and since when. */
export interface Verdict {
  readonly subject: Subject;
  readonly state: VerdictState;
  readonly because?: Reason;
  /** What was found, in words, without secrets. */
  readonly detail?: string;
  readonly since: EpochMs;
}

/** One intended change in ARM. It holds no link: that is signed while it is performed. */
export type ExtensionAction =
  | {
      readonly kind: "put-extension";
      readonly scaleSet: ScaleSetId;
      readonly pool: string;
      readonly because: Drift;
      readonly extension: DesiredExtension;
      /** The set's etag as observed: another one at the write means that somebody was quicker. */
      readonly etag: string | undefined;
    }
  | {
      readonly kind: "upgrade-instances";
      readonly scaleSet: ScaleSetId;
      readonly pool: string;
      readonly because: "canary" | "rollout" | "missing";
      readonly marker: string;
      readonly instances: readonly InstanceRef[];
      readonly etag: string | undefined;
    }
  | {
      readonly kind: "delete-extension";
      readonly scaleSet: ScaleSetId;
      readonly pool: string;
      readonly because: "quarantined";
      readonly etag: string | undefined;
    };

export type Action = ExtensionAction | EndpointsAction;

/** All that a pass decided. Actions come in the order in which they are performed. */
export interface Plan<A extends Action = Action> {
  readonly actions: readonly A[];
  readonly verdicts: readonly Verdict[];
  readonly lookAgainAt: EpochMs;
}

/** What became of one action: accepted by ARM is `submitted`, not `done`. */
export interface Outcome<A extends Action = Action> {
  readonly action: A;
  readonly status: "done" | "submitted" | "dropped" | "withheld" | "failed";
  readonly at: EpochMs;
  readonly because?: Reason;
  /** The SDK's serialized poller of a submitted operation: its address, no secret. */
  readonly operation?: string;
  /** Expiry of the link that a written model carries. */
  readonly linkExpiresAt?: EpochMs;
  readonly error?: CallFailure;
}

/** A failed call as data. */
export interface CallFailure {
  readonly fault: Fault;
  /** What was called, what Azure said, what to do; without secrets. */
  readonly message: string;
  readonly retryAfterMs?: number;
}

/** What can be done about a failed call. */
export type Fault = "not-found" | "conflict" | "throttled" | "denied" | "transient" | "bug";

/** Why an action must not be performed now; a policy may only withhold. */
export type Policy = (action: Action) => Reason | undefined;

/** What one pass saw, decided and did. */
export interface Report {
  readonly cluster: ClusterId;
  readonly flow: Flow;
  readonly cause: Cause;
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs;
  /** For people, a line a thing. */
  readonly observed: readonly string[];
  readonly plan: Plan;
  readonly outcomes: readonly Outcome[];
  /** Why the pass ended before its end. */
  readonly failure?: CallFailure;
}
