/** Why the model in ARM is written. */
export type Drift = "missing" | "package-differs" | "settings-differ" | "link-expiring";

/** Why something waits, is refused, or is as it is: the same text in code, logs, reports and metrics. */
export type Reason =
  | Drift
  | "aks-busy"
  | "another-app"
  | "another-manager"
  | "canary"
  | "canary-failed"
  | "changed-since-observed"
  | "cluster-gone"
  | "duplicate-address"
  | "denied"
  | "dry-run"
  | "foreign-extension"
  | "image-differs"
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
