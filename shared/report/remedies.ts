import type { Reason } from "../model/reason.ts";
import type { Verdict, VerdictState } from "../model/verdict.ts";

/** What an operator can do about each reason; the message of a verdict often has the command. */
export const REMEDY_BY_REASON: Readonly<Record<Reason, string>> = {
  adopted: "None needed. The app makes it its own.",
  "aks-busy": "None needed. The app continues when AKS has finished.",
  "aks-extension-differs": "Upgrade the node image of the pool with AKS.",
  "another-app": "Let only one copy of the app publish in this cluster.",
  "another-manager": "Have the other manager release these objects.",
  canary: "None needed. The other instances follow when it has succeeded.",
  "canary-failed": "Find out why it failed there, then publish a package that works.",
  "changed-since-observed": "None needed. The next pass reads it again.",
  "cluster-gone": "Remove the cluster from AKS_CLUSTER_IDS.",
  "dangling-dependency": "None needed. The app removes the dependency.",
  denied: "Do what the message says, then resync.",
  "denied-by-policy": "Exempt the scale set from the policy that the message names, then resync.",
  "dry-run": "Resync without dry-run.",
  "duplicate-address": "Delete the Node object whose machine no longer exists.",
  "foreign-extension": "Remove the other DSC extension, or exclude the pool from POOLS.",
  "image-differs": "Upgrade the node image of the pool with AKS.",
  "link-expiring": "None needed. The app renews the link.",
  "memory-lost": "None needed. The app continues by itself.",
  missing: "None needed. The app adds the extension.",
  "no-address": "Check the addresses of the node and the IP family of the Service.",
  "no-effect": "None needed at first: the app upgrades it again. If it lasts, check the extensions of the instance.",
  "node-gone": "None needed. The app publishes the node again when its machine is back.",
  "node-resource-group-locked": "Unlock the node resource group, if your policy allows it.",
  "observe-only": "Set MODE to install to have the app act.",
  "other-owner":
    "If the other copy of the app no longer runs, take the extension over: POST /api/resync?adopt. Else leave the pool to it (POOLS).",
  "other-pool": "Resync this pool, or all pools.",
  "out-of-time": "None needed. The next pass continues.",
  "own-operation": "None needed. A later pass reads its result.",
  "package-differs": "None needed. The app updates the model.",
  "package-unusable": "Publish a package that can be read and is allowed.",
  paused: "Remove the annotation when you want the app to publish again.",
  "pool-off": "None needed. POOLS or SCRAPE_SOURCES excludes the pool.",
  "read-failed": "None needed at first. If it lasts, check the status of Azure.",
  retry: "None needed. The app retries by itself; a resync retries at once.",
  rollout: "None needed. The app continues the rollout.",
  "scope-locked": "Remove the lock that the message names, then resync.",
  "service-missing": "Apply the manifests in infra/kubernetes.",
  "service-selects": "Remove the selector of the Service.",
  "settings-differ": "None needed. The app updates the model.",
  settling: "None needed for 15 minutes. After that, az aks update without options makes AKS try again.",
  shrinks: "None needed. Another pass, at least a minute later, decides.",
  "size-differs": "Have AKS replace the node.",
  stopped: "Start it when you need it.",
  stuck: "Check the log of the extension on the instance, or have AKS reimage it.",
  throttled: "None needed. The app tries again when Azure allows it.",
  "too-many": "Exclude pools from POOLS: the EndpointSlices are full.",
  unexplained: "Find out where the node comes from: the app only manages scale sets of AKS.",
  unreadable: "Check the fields of the Node object that the message names.",
  "upgrade-policy": "Set the upgrade policy of the scale set to Manual.",
  "vmss-cse": "None needed at first. If it lasts, check vmssCSE on the node, or have AKS reimage it.",
  "write-without-effect":
    "Find out which policy or program changes the extension, and exempt the scale set. Then resync.",
  "write-failed": "Correct what the message names, then resync.",
  "cause-package": "Find out why it failed there, then publish a package that works.",
  "cause-node": "Correct on the node what the message names, or have AKS reimage it.",
  "cause-installer-busy": "Find out which installation does not end on the node, or have AKS reimage it.",
  "cause-download":
    "Check that nodes can reach the storage account of the package. The app retries by itself, and at once after a resync.",
  "cause-dependency": "Correct the extension that failed first. The app retries by itself, and at once after a resync.",
  "cause-agent": "Check the VM agent of the instance, or have AKS reimage it. The app retries by itself.",
};

/** What an operator can do about states that have no reason. */
export const REMEDY_BY_STATE: Partial<Record<VerdictState, string>> = {
  protected: "End the protection of the instance from scale set actions if you want it upgraded.",
  "unproven-health": "Resync: the app then runs the extension on the instance once more.",
  "unknown-package": "Resync: the app then runs the extension on the instance once more.",
};

/** Returns what an operator can do about a verdict; undefined if there is nothing to say. */
export function remedyFor({ state, reason }: Pick<Verdict, "state" | "reason">): string | undefined {
  return reason ? REMEDY_BY_REASON[reason] : REMEDY_BY_STATE[state];
}
