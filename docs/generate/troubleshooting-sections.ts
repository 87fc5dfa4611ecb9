import type { Reason } from "../../shared/model/reason.ts";

/** A section of docs/troubleshooting.md: its reasons, and notes that apply to several of them. */
export interface Section {
  readonly heading: string;
  readonly reasons: readonly Reason[];
  readonly notes: readonly string[];
}

/** The sections in the order of the page. Every reason is in exactly one of them. */
export const SECTIONS_IN_ORDER: readonly Section[] = [
  {
    heading: "Planned actions that were not performed",
    reasons: ["observe-only", "dry-run", "other-pool", "out-of-time", "changed-since-observed"],
    notes: [],
  },
  {
    heading: "Extension flow: clusters and pools",
    reasons: [
      "cluster-gone",
      "node-resource-group-locked",
      "upgrade-policy",
      "own-operation",
      "aks-busy",
      "stopped",
      "settling",
      "foreign-extension",
      "other-owner",
      "package-unusable",
      "memory-lost",
      "canary-failed",
      "denied",
      "denied-by-policy",
      "scope-locked",
      "throttled",
      "read-failed",
      "write-failed",
      "write-without-effect",
    ],
    notes: [
      "After Azure refused a write, the app retries after 5 and 15 minutes, 1 and 6 hours, then every 24 hours. If Azure",
      "returned `Retry-After`, the app waits for that time, also in a resync. `resync` ends the other waits. After `write-failed`,",
      "a write of another package is tried immediately.",
      "",
      "If the app wrote the same extension three times within 6 hours, AKS did nothing, and the model differs again, another",
      "writer changes it, for example Azure Policy. The app then writes it after 5 and 15 minutes, 1 and 6 hours, then every",
      "24 hours. The activity log of the scale set names the writer. Nodes whose model has the package are still upgraded.",
      "",
      "A scale set whose instances cannot be listed is `unreadable`; the app continues with the others, and lists it again",
      "after `Retry-After`, else after 1, 2, 4, then every 5 minutes.",
      "",
      "While AKS is working, the app checks again after 1, 2, 4, then every 5 minutes. Nodes that AKS has reimaged have no",
      "exporter until their pool is Succeeded and the app has upgraded them.",
      "",
    ],
  },
  {
    heading: "Extension flow: instances",
    reasons: [
      "image-differs",
      "size-differs",
      "aks-extension-differs",
      "vmss-cse",
      "node-not-ready",
      "stuck",
      "no-effect",
      "cause-package",
      "cause-node",
      "cause-installer-busy",
      "cause-download",
      "cause-dependency",
      "cause-agent",
    ],
    notes: [
      "`az aks nodepool upgrade --node-image-only` makes AKS replace nodes whose image differs from the model. The app never",
      "upgrades such an instance, because that would reimage a node that is not drained.",
      "",
      "The app retries an instance on which the extension failed after 5 and 15 minutes, 1 and 6 hours, then every 24 hours;",
      "after a failed download, also when another instance of the pool has succeeded since. A `resync` retries every failed",
      "instance at once. A package that is not proven is not given to further instances after it failed because of itself.",
      "",
    ],
  },
  {
    heading: "Extension flow: reasons of an action",
    reasons: [
      "missing",
      "package-differs",
      "adopted",
      "dangling-dependency",
      "settings-differ",
      "retry",
      "link-expiring",
      "canary",
      "rollout",
    ],
    notes: [],
  },
  {
    heading: "Endpoints flow: clusters",
    reasons: ["service-missing", "service-selects", "another-app", "another-manager", "paused", "shrinks", "too-many"],
    notes: [
      "If the API server cannot be reached or refuses a call, the pass fails and changes nothing. After five failures in a row",
      "the app tries the cluster every five minutes.",
      "",
      "An `orphaned` slice has the app's label under a name that the app does not use, or the app's name without the label.",
      "Its message contains the command that deletes it.",
      "",
    ],
  },
  {
    heading: "Endpoints flow: nodes",
    reasons: ["no-address", "duplicate-address", "node-gone", "pool-off", "unexplained", "unreadable"],
    notes: ["A node in state `uncovered` is published.", ""],
  },
];
