import { type ScaleSetId, splitId } from "../model/ids.ts";
import type { Reason } from "../model/reason.ts";
import type { ActionSummary, OutcomeSummary } from "../model/report.ts";
import type { EpochMs } from "../model/time.ts";
import type { Subject, Verdict } from "../model/verdict.ts";

/** Describes an action in one line, for logs, replies and reports: `put-extension akswin1 (missing)`. */
export function describeAction(action: ActionSummary): string {
  switch (action.kind) {
    case "put-extension":
      return `${action.kind} ${nameOf(action.scaleSet)} (${action.reason}): package ${action.package.slice(0, 12)}`;
    case "upgrade-instances":
      return `${action.kind} ${nameOf(action.scaleSet)} (${action.reason}): ${action.nodes.join(", ")}`;
    case "delete-extension":
      return `${action.kind} ${nameOf(action.scaleSet)} (${action.reason})`;
    case "apply-endpoint-slice":
      return `${action.kind} ${action.name}: ${action.endpoints} endpoints`;
    case "delete-endpoint-slice":
      return `${action.kind} ${action.name}`;
    case "apply-endpoints":
      return `${action.kind}: ${action.endpoints} addresses`;
    case "delete-endpoints":
      return action.kind;
    default:
      return action satisfies never;
  }
}

/** Describes an action and its outcome. */
export function describeOutcome({ action, status, reason, error }: OutcomeSummary): string {
  const why = error ? `: ${error.message}` : reason ? ` (${reason})` : "";
  return `${describeAction(action)}: ${status}${why}`;
}

/** Describes a verdict: `scale set akswin1 (pool win1): waiting, because AKS has an operation in progress; pool win1 is Scaling`. */
export function describeVerdict({ subject, state, reason, message }: Verdict): string {
  const why = reason ? `, because ${REASONS[reason]}` : "";
  return `${describeSubject(subject)}: ${state}${why}${message === undefined ? "" : `; ${message}`}`;
}

function describeSubject(subject: Subject): string {
  switch (subject.kind) {
    case "cluster":
      return `cluster ${splitId(subject.cluster).name}`;
    case "scale-set":
      return `scale set ${nameOf(subject.scaleSet)} (pool ${subject.pool})`;
    case "instance":
      return `instance ${subject.node}`;
    case "node":
      return `node ${subject.node}`;
    default:
      return subject satisfies never;
  }
}

function nameOf(id: ScaleSetId): string {
  return splitId(id).name;
}

/** Returns a time in ISO 8601. */
export function describeTime(at: EpochMs): string {
  return new Date(at).toISOString();
}

/** Returns a text with a capital at its beginning, as a sentence. */
export function capitalize(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** What each reason means, as it follows "because" in a sentence. */
export const REASONS: Readonly<Record<Reason, string>> = {
  added: "the extension is not there yet",
  adopted: "a resync took it over from another copy of the app",
  "aks-busy": "AKS has an operation in progress",
  "aks-extension-differs": "an upgrade would run AKS's extension again, which only AKS may do",
  "another-app": "another copy of the app publishes these objects",
  "another-manager": "another field manager owns some of these fields",
  "awaiting-canary": "another pool tries the package first",
  canary: "one instance is upgraded first",
  "canary-failed": "the package failed on the first instances",
  "canary-pool": "the pool that CANARY_POOL names cannot try the package",
  "changed-since-observed": "the object has changed since the pass read it",
  "cluster-gone": "the cluster does not exist",
  "dangling-dependency": "the extension depends on one that the model no longer has",
  denied: "Azure denies it",
  "denied-by-policy": "Azure Policy denies it",
  "dry-run": "this is a dry run",
  "duplicate-address": "another node has the same address",
  "foreign-extension": "the scale set already has another DSC extension",
  "harmed-nodes": "upgrades to the package interrupted nodes in several pools",
  "image-differs": "an upgrade would reimage the instance, which only AKS may do",
  "link-expiring": "the link to the package expires soon",
  "memory-lost": "the app lost its memory, and first observes what is there",
  missing: "the extension was removed",
  "no-address": "it has no internal address of the Service's IP family",
  "no-effect": "the upgrade had no effect",
  "no-node-facts": "the app does not see the nodes of the cluster, and judges upgrades without that",
  "node-gone": "its machine is gone",
  "node-not-ready": "its Node is not Ready, or has just joined the cluster",
  "node-resource-group-locked": "the node resource group is locked",
  "observe-only": "MODE is observe",
  "other-owner": "the extension belongs to another copy of the app",
  "other-pool": "the resync is limited to another pool",
  "out-of-time": "the pass reached its time limit",
  "own-operation": "an operation of this app is in progress",
  "package-differs": "the model has another package",
  "package-held": "the package failed, and is held",
  "package-unusable": "the package cannot be used",
  paused: "it is paused",
  queued: "others are upgraded before it",
  "pool-off": "the settings exclude its pool",
  "read-failed": "its instances cannot be listed",
  retry: "the extension failed there, and is due again",
  rollout: "the rollout is in progress",
  "scope-locked": "a lock denies it",
  "service-missing": "the Service does not exist",
  "service-selects": "the Service has a selector",
  "settings-differ": "the extension has other settings",
  settling: "the last operation of AKS failed",
  shrinks: "most of the published addresses would be removed",
  "size-differs": "an upgrade would resize the instance, which only AKS may do",
  soaking: "the package is watched on the first instances",
  stopped: "the cluster or the pool is stopped",
  stuck: "its installation does not end",
  throttled: "Azure Resource Manager throttles requests",
  "too-many": "there is no room for every address",
  uninstall: "the pool is in UNINSTALL_POOLS",
  unexplained: "no scale set of the cluster contains it",
  unreadable: "its Node object has a field that the app cannot read",
  "upgrade-policy": "a change of the model would upgrade every instance at once",
  "upgrade-restarted-node": "an upgrade interrupted a node of the pool",
  "vmss-cse": "AKS has not finished the node",
  "write-without-effect": "another writer changes what the app writes",
  "write-failed": "the last write was rejected",
  "cause-package": "the package failed",
  "cause-node": "the node prevented the installation",
  "cause-installer-busy": "another installation was running on the node",
  "cause-download": "the package could not be downloaded",
  "cause-dependency": "an extension that it depends on failed",
  "cause-agent": "the VM agent failed",
};
