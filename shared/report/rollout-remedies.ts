import type { Reason } from "../model/reason.ts";
import { resync } from "./cluster-commands.ts";
import { none, type RemedyEntry } from "./remedy-entry.ts";
import { quote } from "./shell.ts";

/** What ends the reasons that a rollout has: its trial, its batches and its holds. */
export const ROLLOUT_REMEDIES = {
  "awaiting-canary": none("The pool follows when the package is proven."),
  canary: none("The other instances follow when it has succeeded."),
  "canary-failed": {
    text: "Find out from the message why it failed there. Publish a package that works, or roll back to the one before it; or release it (resync with release), to have it tried again.",
    command: ({ app }) => `npm run dsc:publish -- --container ${quote(app.packageContainerUrl)} --rollback`,
  },
  "canary-pool": {
    text: "Correct CANARY_POOL, or make that pool able to run an upgrade. After two hours without a current instance, the next pool that can tries the package.",
    heals: true,
  },
  "harmed-nodes": {
    text: "Find out why the nodes were interrupted. Publish another package; or release it, to have it tried again.",
    command: resync("&release"),
  },
  "no-node-facts": none("If it lasts, mend the endpoints flow: its problem is on this page."),
  "package-held": {
    text: "Find out from the failed instances why it failed. Publish a package that works; or release it, to have it tried again.",
    command: resync("&release"),
  },
  queued: none("Its turn comes when it is known that those before it are well."),
  rollout: none("The app continues the rollout."),
  soaking: none("It is proven if it stays well there."),
  "upgrade-restarted-node": {
    text: "An upgrade applies everything that AKS has changed in the model. Have AKS replace the nodes by a node image upgrade; or release the pool, to have the app upgrade its nodes again.",
    command: resync("&release"),
  },
} as const satisfies Partial<Record<Reason, RemedyEntry>>;
