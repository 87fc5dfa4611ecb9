import * as v from "valibot";

/** Schema of `Drift`. */
export const storedDrift = v.picklist(["missing", "package-differs", "settings-differ", "link-expiring"]);

/** Why the scale set's model has to be written. */
export type Drift = v.InferOutput<typeof storedDrift>;

/** What made a run of the extension fail. Only `package` is evidence against the package. */
export type FailureCause = "package" | "download" | "dependency" | "agent";

/** Schema of `Reason`. */
export const storedReason = v.picklist([
  ...storedDrift.options,
  "aks-busy",
  "another-app",
  "another-manager",
  "canary",
  "canary-failed",
  "changed-since-observed",
  "cluster-gone",
  "duplicate-address",
  "denied",
  "dry-run",
  "foreign-extension",
  "image-differs",
  "no-address",
  "node-gone",
  "node-resource-group-locked",
  "observe-only",
  "other-owner",
  "other-pool",
  "out-of-time",
  "own-operation",
  "own-operation-lost",
  "package-unusable",
  "paused",
  "pool-off",
  "too-many",
  "unexplained",
  "unreadable",
  "rollout",
  "service-missing",
  "service-selects",
  "settling",
  "shrinks",
  "sku-differs",
  "stopped",
  "throttled",
  "upgrade-policy",
  "vmss-cse",
  "write-failed",
  "cause-package",
  "cause-download",
  "cause-dependency",
  "cause-agent",
]);

/** Why a verdict, an action or an outcome is as it is. Logs, reports and metrics contain the same text. */
export type Reason = v.InferOutput<typeof storedReason>;
