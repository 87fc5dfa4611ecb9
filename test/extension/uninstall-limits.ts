import type { Instance } from "../../shared/model/scale-set.ts";
import { DAY, OLD_REMOVAL_MARKER, REMOVAL_MARKER } from "../build.ts";
import type { RandomWorld } from "./arbitraries.ts";
import { isRemovalEvidence } from "./instance-limits.ts";
import type { ActionContext, Limit } from "./limits.ts";

/** Rules for the end of an uninstallation. They do not use the code under test. */
export const UNINSTALL_LIMITS: readonly Limit<ActionContext>[] = [
  {
    rule: "the extension is deleted only in pools of UNINSTALL_POOLS, and only where the model has it",
    holds: ({ action, set, world }) =>
      action.kind !== "delete-extension" ||
      (isUninstalled(action.pool, world) && set.extensions.some(({ name }) => name === "windows-exporter-dsc")),
  },
  {
    rule: "it is deleted only if no running instance can have the exporter, or its removal has failed for 24 hours",
    holds: (context) =>
      context.action.kind !== "delete-extension" ||
      context.set.instances.every((one) => isEnded(one) || isRemoved(one, context) || isGivenUp(one, context)),
  },
];

/** Returns whether a pool is in UNINSTALL_POOLS. */
export function isUninstalled(pool: string, { desired: { selection } }: RandomWorld): boolean {
  return selection.uninstall === "all" || selection.uninstall.has(pool);
}

function isEnded({ isRunning, provisioningState }: Instance): boolean {
  return !isRunning || provisioningState === "Deleting";
}

function isRemoved(one: Instance, { memory, world }: ActionContext): boolean {
  const known = memory.instances[one.vmId];
  if (isRemovalMarker(known?.marker) && known?.succeededAt === undefined) return true;
  return one.agentReady && isShownAsRemoved(one, known?.marker, world.memory.showsEvidence);
}

function isShownAsRemoved(
  { extensions, provisioningState }: Instance,
  known: string | undefined,
  showsEvidence: boolean,
): boolean {
  const own = extensions.find(({ name }) => name === "windows-exporter-dsc");
  if (!own) return ["Succeeded", "Failed"].includes(provisioningState);
  const carried = [own.tag?.marker, JSON.stringify(own.settings ?? ""), known];
  const shown = carried.some((each) => each?.includes(REMOVAL_MARKER));
  return isRemovalEvidence(own) || (!showsEvidence && own.state === "succeeded" && shown);
}

function isRemovalMarker(marker: string | undefined): boolean {
  return marker === REMOVAL_MARKER || marker === OLD_REMOVAL_MARKER;
}

function isGivenUp({ vmId }: Instance, { memory, world, stateOf }: ActionContext): boolean {
  const { attempts } = memory.instances[vmId] ?? {};
  if (stateOf(vmId)?.state !== "failed" || !isRemovalMarker(attempts?.marker)) return false;
  return attempts?.failingSince !== undefined && world.observed.at - attempts.failingSince >= DAY;
}
