import type { Action, Outcome } from "../model/action.ts";
import { type ScaleSetId, splitId } from "../model/ids.ts";
import type { Reason } from "../model/reason.ts";
import type { Subject, Verdict } from "../model/verdict.ts";

/** One line for logs, replies and reports: `put-extension akswin1 (missing)`. */
export function describeAction(action: Action): string {
  switch (action.kind) {
    case "put-extension":
      return `${action.kind} ${nameOf(action.scaleSet)} (${action.reason}): package ${action.extension.package.slice(0, 12)}`;
    case "upgrade-instances":
      return `${action.kind} ${nameOf(action.scaleSet)} (${action.reason}): ${action.instances.map((each) => each.node).join(", ")}`;
    case "apply-endpoint-slice":
      return `${action.kind} ${action.slice.name}: ${action.slice.endpoints.length} endpoints`;
    case "delete-endpoint-slice":
      return `${action.kind} ${action.name}`;
    case "apply-endpoints":
      return `${action.kind}: ${action.endpoints.endpoints.length} addresses`;
    case "delete-endpoints":
      return action.kind;
    default:
      return action satisfies never;
  }
}

/** The same with what became of it. */
export function describeOutcome({ action, status, reason, error }: Outcome): string {
  const why = error ? `: ${error.message}` : reason ? ` (${reason})` : "";
  return `${describeAction(action)}: ${status}${why}`;
}

/** One sentence a verdict: `scale set akswin1 (win1): waiting, because AKS is at work; pool win1 is Scaling`. */
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

/** What each reason means, to be read after "because". */
export const REASONS: Readonly<Record<Reason, string>> = {
  "aks-busy": "AKS is at work",
  "another-app": "another app publishes these objects",
  "another-manager": "another field manager owns these fields",
  canary: "one instance goes first",
  "canary-failed": "the package failed where it was tried",
  "changed-since-observed": "somebody changed it meanwhile",
  "cluster-gone": "the cluster does not exist; take it out of AKS_CLUSTER_IDS",
  denied: "the app's identity may not",
  "dry-run": "it is a dry run",
  "duplicate-address": "another node has the same address",
  "foreign-extension": "another DSC extension is in the place",
  "image-differs": "an upgrade would reimage it, which is AKS's to do",
  "link-expiring": "the package's link is to be renewed",
  missing: "the extension is missing in the model",
  "no-address": "it has no internal address of the Service's family",
  "node-gone": "its machine is gone",
  "node-resource-group-locked": "the node resource group is locked",
  "observe-only": "MODE is observe",
  "other-owner": "the extension belongs to another app",
  "other-pool": "another pool was asked for",
  "out-of-time": "the pass ran out of time",
  "own-operation": "an operation of this app runs",
  "own-operation-lost": "an operation of this app does not end",
  "package-differs": "another package is wanted",
  "package-unusable": "the package can't be used",
  paused: "it is paused",
  "pool-off": "its pool is not published",
  rollout: "the rollout goes on",
  "service-missing": "the Service is missing",
  "service-selects": "the Service has a selector",
  "settings-differ": "its settings differ",
  settling: "AKS's last operation failed",
  shrinks: "most of the published addresses would go",
  "sku-differs": "an upgrade would resize it, which is AKS's to do",
  stopped: "it is stopped",
  throttled: "ARM asks to wait",
  "too-many": "there is no room for it",
  unexplained: "no scale set of the cluster explains it",
  "upgrade-policy": "a write would roll every instance at once",
  "vmss-cse": "AKS's own extension has not succeeded",
  "write-failed": "ARM refused the last write",
  "cause-package": "the package failed on it",
  "cause-download": "the download failed on it",
  "cause-dependency": "an extension that ours depends on failed on it",
  "cause-agent": "its VM agent failed",
};
