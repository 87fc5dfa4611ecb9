import type { Reason } from "../model/reason.ts";
import type { Verdict, VerdictState } from "../model/verdict.ts";

const NOTHING = "nothing; the app goes on by itself";

/** What an operator can do about each reason; a verdict's own detail often names the command. */
export const REMEDY_BY_REASON: Readonly<Record<Reason, string>> = {
  "aks-busy": "nothing; the app goes on when AKS is done",
  "another-app": "let one app alone publish in this cluster",
  "another-manager": "have the other manager let go of these objects",
  canary: "nothing; the others follow when it succeeded",
  "canary-failed": "see why it failed there, then publish a package that works",
  "changed-since-observed": "nothing; the next pass looks again",
  "cluster-gone": "take the cluster out of AKS_CLUSTER_IDS",
  denied: "assign the role that the message names, then resync",
  "dry-run": "resync without dry-run",
  "duplicate-address": "remove the Node object of the machine that is gone",
  "foreign-extension": "remove the other DSC extension, or leave the pool out of POOLS",
  "image-differs": "upgrade the pool's node image with AKS",
  "link-expiring": NOTHING,
  missing: NOTHING,
  "no-address": "look at the node's addresses and the Service's IP family",
  "node-gone": "nothing; it is published again when its machine is back",
  "node-resource-group-locked": "unlock the node resource group, where your policy allows it",
  "observe-only": "set MODE to install to have it done",
  "other-owner": "uninstall the other app's extension, or set OWNER to its name",
  "other-pool": "resync this pool, or all",
  "out-of-time": "nothing; the next pass goes on",
  "own-operation": "nothing; a later pass sees what became of it",
  "own-operation-lost": "look at the scale set's activity log; the app waits while the set moves",
  "package-differs": NOTHING,
  "package-unusable": "publish a package that can be read and is allowed",
  paused: "end the pause when you are done",
  "pool-off": "nothing; POOLS or SCRAPE_SOURCES leave it out",
  rollout: "nothing; the rollout goes on",
  "service-missing": "apply the manifests of infra/kubernetes",
  "service-selects": "remove the Service's selector",
  "settings-differ": NOTHING,
  settling: "nothing for 15 minutes; then an az aks update without options has AKS try again",
  shrinks: "nothing; another pass a minute later decides",
  "sku-differs": "have AKS replace the node",
  stopped: "start it when it is wanted",
  throttled: "nothing; it is tried again when ARM allows it",
  "too-many": "leave pools out of POOLS: the objects are full",
  unexplained: "look where the node comes from; the app manages scale sets of AKS only",
  "upgrade-policy": "set the scale set's upgrade policy to Manual",
  "vmss-cse": "nothing; if it lasts, look at the node's vmssCSE, or have AKS reimage it",
  "write-failed": "mend what ARM names, then resync",
  "cause-package": "see why it failed there, then publish a package that works",
  "cause-download": "check that nodes reach the package's storage account",
  "cause-dependency": "mend the extension that failed first",
  "cause-agent": "look at the VM agent of the instance, or have AKS reimage it",
};

/** The same for states that stand without a reason. */
export const REMEDY_BY_STATE: Partial<Record<VerdictState, string>> = {
  failed: "see why it failed there, then resync",
  "no-effect": "nothing at first; if it lasts, look at the instance's extensions",
  protected: "end the instance's protection from scale set actions to have it upgraded",
  stuck: "look at the instance's extension log, or have AKS reimage it",
};

/** What can be done about a verdict, if anything is to be said about it. */
export function remedyFor({ state, reason }: Pick<Verdict, "state" | "reason">): string | undefined {
  return reason ? REMEDY_BY_REASON[reason] : REMEDY_BY_STATE[state];
}

/** Whether a stored text is a reason of this version. */
export function isReason(value: unknown): value is Reason {
  return typeof value === "string" && Object.hasOwn(REMEDY_BY_REASON, value);
}
