import type { InstanceContext, InstanceRow } from "./instance-context.ts";
import type { InstanceMemory } from "./instance-memory.ts";
import { type OwnRun, provesHealth } from "./own-run.ts";
import { failureCause } from "./run-result.ts";

/** Returns the marker that an instance carries: what Azure shows, otherwise what memory has. */
export function carriedMarker(run: OwnRun, remembered: InstanceMemory | undefined): string | undefined {
  return run.marker ?? remembered?.marker;
}

/** Without its evidence, the success of the removal's marker proves it, where a cluster has never shown evidence. */
export const uninstalled: InstanceRow = ({ run, marker, remembered, showsEvidence, isRemoving, isUpgrading }) => {
  if (!isRemoving || isUpgrading) return undefined;
  if (!run) return { state: "uninstalled" };
  if (run.state !== "succeeded") return undefined;
  if (run.evidence) return run.evidence.metrics === "absent" ? { state: "uninstalled" } : undefined;
  return !showsEvidence && carriedMarker(run, remembered) === marker ? { state: "uninstalled" } : undefined;
};

export const current: InstanceRow = ({ run, marker, remembered, showsEvidence, isRemoving }) => {
  if (!run || isRemoving || marker === undefined || !provesHealth(run, showsEvidence)) return undefined;
  return carriedMarker(run, remembered) === marker ? { state: "current" } : undefined;
};

/** An upgrade can succeed without a run of the extension. */
export const noEffect: InstanceRow = (ctx) => {
  const { attempts } = ctx.remembered ?? {};
  if (attempts?.marker !== ctx.marker || attempts?.succeeded !== true) return undefined;
  const carries = ctx.run ? otherPackage(ctx) : "does not have the extension";
  if (carries === undefined) return undefined;
  return { state: "failed", reason: "no-effect", message: `the upgrade succeeded, but the instance ${carries}` };
};

function otherPackage({ run, remembered, marker }: InstanceContext): string | undefined {
  if (run?.state !== "succeeded") return undefined;
  const carried = carriedMarker(run, remembered);
  return carried === undefined || carried === marker ? undefined : "has another package";
}

export const failed: InstanceRow = ({ run, remembered, marker }) => {
  if (run?.state !== "failed" || marker === undefined) return undefined;
  if ((failedMarkerOf(run, remembered) ?? marker) !== marker) return undefined;
  const { message } = run;
  return { state: "failed", reason: `cause-${failureCause(message)}`, message };
};

/** Returns the marker that failed: what Azure shows, else that of the last attempt, else that of the provisioning. */
function failedMarkerOf(run: OwnRun, remembered: InstanceMemory | undefined): string | undefined {
  return run.marker ?? remembered?.attempts?.marker ?? remembered?.failedMarker;
}

/** A run that succeeded without its evidence proves nothing where this cluster shows evidence. */
export const unprovenHealth: InstanceRow = (ctx) => {
  const { run, remembered, marker, showsEvidence } = ctx;
  if (run?.state !== "succeeded" || run.evidence || !showsEvidence) return undefined;
  const carried = carriedMarker(run, remembered);
  if (carried !== undefined && carried !== marker) return undefined;
  return {
    state: "unproven-health",
    message: "the extension succeeded, but its status does not show a healthy exporter",
  };
};

export const unknownPackage: InstanceRow = ({ run, remembered }) => {
  const isUnknown = run?.state === "succeeded" && carriedMarker(run, remembered) === undefined;
  return isUnknown ? { state: "unknown-package" } : undefined;
};
