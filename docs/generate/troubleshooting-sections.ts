import type { Reason } from "../../shared/model/reason.ts";

/** A part of docs/troubleshooting.md: the reasons that are met there, and what their tables cannot say. */
export interface Section {
  readonly heading: string;
  readonly reasons: readonly Reason[];
  readonly notes: readonly string[];
}

/** The sections as the page has them; every reason is in one of them. */
export const SECTIONS_IN_ORDER: readonly Section[] = [
  {
    heading: "What was planned and not done",
    reasons: ["observe-only", "dry-run", "other-pool", "out-of-time", "changed-since-observed"],
    notes: [],
  },
  {
    heading: "A cluster or a pool, in the extension flow",
    reasons: [
      "cluster-gone",
      "node-resource-group-locked",
      "upgrade-policy",
      "own-operation",
      "own-operation-lost",
      "aks-busy",
      "stopped",
      "settling",
      "foreign-extension",
      "other-owner",
      "package-unusable",
      "canary-failed",
      "denied",
      "throttled",
      "write-failed",
    ],
    notes: [
      "A write that Azure denied is tried again after an hour, after six, then daily. One that it refused otherwise is tried",
      "again after 10, 30 and 90 minutes, then daily; after an outage, in a minute. Another package is tried at once. `resync`",
      "forgets all these times.",
      "",
      "While AKS works the app looks again after 1, 2, 4, then every 5 minutes. Nodes that AKS has reimaged have no exporter",
      "until their pool is Succeeded.",
      "",
    ],
  },
  {
    heading: "An instance",
    reasons: [
      "image-differs",
      "sku-differs",
      "vmss-cse",
      "cause-package",
      "cause-download",
      "cause-dependency",
      "cause-agent",
    ],
    notes: [
      "`az aks nodepool upgrade --node-image-only` has AKS replace nodes whose image is not the model's. The app never does: it",
      "would wipe a node that nobody has drained.",
      "",
      "An instance on which the extension failed is not tried again by itself. It waits for another package, or for AKS to",
      "replace the node.",
      "",
    ],
  },
  {
    heading: "Why something is written",
    reasons: ["missing", "package-differs", "settings-differ", "link-expiring", "canary", "rollout"],
    notes: [],
  },
  {
    heading: "A cluster, in the endpoints flow",
    reasons: ["service-missing", "service-selects", "another-app", "another-manager", "paused", "shrinks", "too-many"],
    notes: [
      "When the API server can't be used, the pass fails and nothing is changed. After five failures in a row the cluster is",
      "asked every five minutes.",
      "",
      "A slice that is `orphaned` carries this app's mark under a name that it does not use, or has lost its label. Its",
      "text has the command that deletes it.",
      "",
    ],
  },
  {
    heading: "A node",
    reasons: ["no-address", "duplicate-address", "node-gone", "pool-off", "unexplained"],
    notes: ["A node that is `uncovered` is published nevertheless.", ""],
  },
];
