import type { Reason } from "../model/reason.ts";
import type { Verdict, VerdictState } from "../model/verdict.ts";
import {
  aks,
  appSetting,
  assignRole,
  deleteExtension,
  deleteLocks,
  endProtection,
  exemptFromPolicy,
  nodePool,
  setManualPolicy,
  start,
} from "./azure-commands.ts";
import {
  applyManifests,
  deleteNode,
  deleteObject,
  deleteObjectsOfOwner,
  endPause,
  removeSelector,
  resumePublishing,
  resync,
} from "./cluster-commands.ts";
import type { Command, RemedyContext } from "./remedy-context.ts";
import { none, type RemedyEntry } from "./remedy-entry.ts";
import { ROLLOUT_REMEDIES } from "./rollout-remedies.ts";
import type { Remedy } from "./status.ts";
import { DELETE_DENIED, isDeleteDenied, UNMANAGED } from "./uninstall-remedies.ts";

const upgradeImage = nodePool("upgrade", " --node-image-only");
const reconcileCluster: Command = (ctx) => `${aks("update")(ctx)} --yes`;
const retryNow = "The app retries by itself; this command retries at once.";
const replaceImage = "Upgrade the node image of the pool with AKS, which replaces its nodes one after the other.";

/** What ends each reason. */
export const REMEDIES: Readonly<Record<Reason, RemedyEntry>> = {
  ...ROLLOUT_REMEDIES,
  added: none("The app adds the extension."),
  adopted: none("The app makes it its own."),
  "aks-busy": none("The app continues when AKS has finished."),
  "aks-extension-differs": { text: replaceImage, command: upgradeImage },
  "another-app": {
    text: "Let only one copy of the app publish in this cluster. If the other copy no longer runs, delete its objects, or take them over by a resync with adopt.",
    command: deleteObjectsOfOwner,
  },
  "another-manager": {
    text: "Delete the object, or have its other manager release it. The next pass writes it again where it is the app's; a resync with adopt does both.",
    command: deleteObject,
  },
  "changed-since-observed": none("The next pass reads it again."),
  "cluster-gone": { text: "Remove the cluster from AKS_CLUSTER_IDS, and deploy again." },
  "dangling-dependency": none("The app removes the dependency."),
  denied: {
    text: "Grant what the message names: deploy again (infra/operate/deploy.sh), or grant it by hand. It takes effect within 10 minutes, and the app retries.",
    command: (ctx) => (ctx.names.action?.startsWith("the verb ") ? applyManifests(ctx) : assignRole(ctx)),
  },
  "denied-by-policy": {
    text: "Exempt the scale set from the policy that the message names. The app retries, and at once after a resync.",
    command: exemptFromPolicy,
  },
  "dry-run": { text: "Resync without dry-run." },
  "duplicate-address": {
    text: "If its machine no longer exists, delete the Node object. Another node has its address.",
    command: deleteNode,
  },
  "foreign-extension": {
    text: "Remove the other DSC extension, or exclude the pool from POOLS.",
    command: deleteExtension,
  },
  "image-differs": { text: replaceImage, command: upgradeImage },
  "link-expiring": none("The app renews the link."),
  "memory-lost": none("The app continues by itself."),
  missing: none("The app restores the extension."),
  "no-address": { text: "Check the addresses of the Node object and the IP family of the Service." },
  "no-effect": none("The app upgrades the node again. If it lasts, check the extensions of the instance."),
  "node-gone": none("The app publishes the node again when its machine is back."),
  "node-not-ready": none("The app continues when its Node is Ready. If that lasts, have AKS replace the node."),
  "node-resource-group-locked": {
    text: "Unlock the node resource group, if your policy allows it. AKS Automatic does not.",
    command: (ctx) => `${aks("update")(ctx)} --nrg-lockdown-restriction-level Unrestricted`,
  },
  "observe-only": {
    text: "Set MODE to install to have the app act; and in the parameters of the template, so that the next deployment keeps it.",
    command: appSetting("MODE=install"),
  },
  "other-owner": {
    text: "If the other copy of the app no longer runs, take the extension over. Else leave the pool to it (POOLS).",
    command: resync("&adopt"),
  },
  "other-pool": { text: "Resync this pool, or all pools." },
  "out-of-time": none("The next pass continues."),
  "own-operation": none("A later pass reads its result."),
  "package-differs": none("The app updates the model."),
  "package-unusable": {
    text: "Publish a package that can be read and is allowed (npm run dsc:publish); the message tells what is wrong.",
  },
  paused: { text: "Remove the annotation when the app should publish again.", command: resumePublishing },
  "pool-off": none("POOLS or SCRAPE_SOURCES excludes the pool."),
  "read-failed": none("If it lasts, check the status of Azure."),
  retry: none("The app retries by itself; a resync retries at once."),
  "scope-locked": {
    text: "Remove the locks on the scope that the message names. The app retries, and at once after a resync.",
    command: deleteLocks,
  },
  "service-missing": { text: "Apply the manifests again. That is harmless.", command: applyManifests },
  "service-selects": { text: "Remove the selector of the Service.", command: removeSelector },
  "settings-differ": none("The app updates the model."),
  settling: {
    text: "None needed for 15 minutes. After that, an update without changes makes AKS try again.",
    command: reconcileCluster,
  },
  shrinks: none("Another pass, at least a minute later, decides."),
  "size-differs": { text: "Have AKS replace the node: drain it, then delete its machine." },
  stopped: { text: "Start it when you need it.", command: start },
  stuck: {
    text: "Check the log of the extension on the instance, or have AKS replace the node. This command retries at once.",
    command: resync(),
  },
  throttled: none("The app tries again when Azure allows it."),
  "too-many": { text: "Exclude pools by POOLS or SCRAPE_SOURCES: the EndpointSlices are full." },
  uninstall: none(
    "The app continues when these nodes can be upgraded, or AKS has replaced them. A resync retries those whose result is unknown.",
  ),
  unexplained: { text: "Find out where the node comes from: the app only manages scale sets of AKS." },
  unreadable: { text: "Check the fields of the Node object that the message names." },
  "upgrade-policy": {
    text: "Set the upgrade policy of the scale set to Manual.",
    command: setManualPolicy,
  },
  "vmss-cse": none("If it lasts, check AKS's extension vmssCSE on the node, or have AKS replace the node."),
  "write-without-effect": {
    text: "Find out in the activity log which policy or program changes the extension, and exempt the scale set. Then resync.",
    command: resync(),
  },
  "write-failed": {
    text: "Correct what the message names. The app retries, and at once after a resync.",
    command: resync(),
  },
  "cause-package": {
    text: "Find out from the message why it failed there. Then publish a package that works, or retry.",
    command: resync(),
  },
  "cause-node": {
    text: "Correct on the node what the message names, or have AKS replace the node. This command retries at once.",
    command: resync(),
  },
  "cause-installer-busy": {
    text: `Find out which installation does not end on the node. ${retryNow}`,
    command: resync(),
    heals: true,
  },
  "cause-download": {
    text: `Check that the nodes can reach the storage account of the package. ${retryNow}`,
    command: resync(),
    heals: true,
  },
  "cause-dependency": { text: `Correct the extension that failed first. ${retryNow}`, command: resync(), heals: true },
  "cause-agent": { text: `Check the VM agent of the instance. ${retryNow}`, command: resync(), heals: true },
};

/** What ends states that have no reason. */
export const REMEDIES_OF_STATES: Readonly<Partial<Record<VerdictState, RemedyEntry>>> = {
  orphaned: { text: "Delete the object: the app no longer updates it.", command: deleteObject },
  unmanaged: UNMANAGED,
  protected: {
    text: "End the protection of the instance from scale set actions if you want it upgraded.",
    command: endProtection,
  },
  unknown: none("If it lasts, check the VM agent of the instance, or have AKS replace the node."),
  outdated: none("The app upgrades it."),
  "unproven-health": { text: "Have the app run the extension on the instance once more.", command: resync() },
  "unknown-package": { text: "Have the app run the extension on the instance once more.", command: resync() },
};

/** A pause by `POST /api/pause`, other than one by an annotation of the Service. */
const PAUSED: RemedyEntry = {
  text: "None needed. The pause ends by itself, after at most 72 hours; this command ends it now.",
  command: endPause,
  heals: true,
};

/** A package that other nodes of the pool run is not the likely cause. */
const NODE_IS_DIFFERENT: RemedyEntry = {
  text: "Other nodes of the pool run this package, so look for what differs on this node. This command retries at once.",
  command: resync(),
};

/** Returns what ends a verdict; undefined if there is nothing to say. */
export function entryFor(
  verdict: Pick<Verdict, "state" | "reason" | "names">,
  { othersAreWell }: Pick<RemedyContext, "othersAreWell"> = {},
): RemedyEntry | undefined {
  const { state, reason } = verdict;
  if (reason === "cause-package" && othersAreWell) return NODE_IS_DIFFERENT;
  if (reason === "paused" && state === "planned") return PAUSED;
  if (isDeleteDenied(verdict)) return DELETE_DENIED;
  return reason ? REMEDIES[reason] : REMEDIES_OF_STATES[state];
}

/** Returns a remedy with its command, as far as the app knows every value of it. */
export function toRemedy(entry: RemedyEntry | undefined, ctx: RemedyContext): Remedy | undefined {
  if (!entry) return undefined;
  const command = entry.command?.(ctx);
  return command === undefined ? { text: entry.text } : { text: entry.text, command };
}
