import type { NodeState } from "./status.ts";

/** What one node does or has in each state, and what several do, in sentences. */
export const NODE_VERBS: Readonly<Record<NodeState, { readonly one: string; readonly many: string }>> = {
  excluded: { one: "is excluded", many: "are excluded" },
  installing: { one: "is installing", many: "are installing" },
  planned: { one: "is not acted on", many: "are not acted on" },
  failed: { one: "failed", many: "failed" },
  "waiting-for-aks": { one: "waits for AKS", many: "wait for AKS" },
  queued: { one: "waits for its turn", many: "wait for their turn" },
  held: { one: "is held", many: "are held" },
  "not-running": { one: "is not running", many: "are not running" },
  covered: { one: "is covered", many: "are covered" },
  outdated: { one: "has another package", many: "have another package" },
  blind: { one: "has no metrics", many: "have no metrics" },
};
