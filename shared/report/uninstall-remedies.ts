import type { Verdict } from "../model/verdict.ts";
import { appSetting } from "./azure-commands.ts";
import type { RemedyEntry } from "./remedy-entry.ts";

/** The role has the permission to delete only as long as the template's parameter grants it. */
export const DELETE_DENIED: RemedyEntry = {
  text: "Deploy again with ALLOW_UNINSTALL=true, and without it when the pool is uninstalled. It takes effect within 10 minutes, and the app retries.",
  command: () => "ALLOW_UNINSTALL=true bash infra/operate/deploy.sh",
};

/** Returns whether the app lacks the permission to delete its extension. */
export function isDeleteDenied({ reason, names }: Pick<Verdict, "reason" | "names">): boolean {
  return reason === "denied" && names?.action?.endsWith("/extensions/delete") === true;
}

/** A pool that the app no longer manages, but whose model has the extension. */
export const UNMANAGED: RemedyEntry = {
  text: "None needed. To have the app remove the exporter, add the pool to UNINSTALL_POOLS; and in the parameters of the template, so that the next deployment keeps it.",
  command: ({ pool, ...ctx }) =>
    pool === undefined ? undefined : appSetting(`UNINSTALL_POOLS=${[...ctx.app.uninstallPools, pool].join(",")}`)(ctx),
  heals: true,
};
