import * as v from "valibot";

/** Schema of `Drift`. */
export const storedDrift = v.picklist([
  "added",
  "missing",
  "package-differs",
  "adopted",
  "dangling-dependency",
  "settings-differ",
  "retry",
  "link-expiring",
  "uninstall",
]);

/** Why the scale set's model has to be written. */
export type Drift = v.InferOutput<typeof storedDrift>;

/** Schema of `FailureCause`. */
export const storedCause = v.picklist(["package", "node", "installer-busy", "download", "dependency", "agent"]);

/** What made a run of the extension fail. Only `package` is evidence against the package. */
export type FailureCause = v.InferOutput<typeof storedCause>;

/** Schema of `Reason`. */
export const storedReason = v.picklist([
  ...storedDrift.options,
  "aks-busy",
  "aks-extension-differs",
  "another-app",
  "another-manager",
  "awaiting-canary",
  "canary",
  "canary-failed",
  "canary-pool",
  "changed-since-observed",
  "cluster-gone",
  "duplicate-address",
  "denied",
  "denied-by-policy",
  "dry-run",
  "foreign-extension",
  "harmed-nodes",
  "image-differs",
  "memory-lost",
  "no-address",
  "no-effect",
  "no-node-facts",
  "node-gone",
  "node-not-ready",
  "node-resource-group-locked",
  "observe-only",
  "other-owner",
  "other-pool",
  "out-of-time",
  "own-operation",
  "package-held",
  "package-unusable",
  "paused",
  "queued",
  "read-failed",
  "pool-off",
  "too-many",
  "unexplained",
  "unreadable",
  "rollout",
  "scope-locked",
  "service-missing",
  "service-selects",
  "settling",
  "shrinks",
  "soaking",
  "size-differs",
  "stopped",
  "stuck",
  "throttled",
  "upgrade-policy",
  "upgrade-restarted-node",
  "vmss-cse",
  "write-failed",
  "write-without-effect",
  "cause-package",
  "cause-node",
  "cause-installer-busy",
  "cause-download",
  "cause-dependency",
  "cause-agent",
]);

/** Why a verdict, an action or an outcome is as it is. Logs, reports and metrics contain the same text. */
export type Reason = v.InferOutput<typeof storedReason>;
