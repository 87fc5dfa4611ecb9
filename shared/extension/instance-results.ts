import type { InstanceExtension } from "../model/scale-set.ts";
import type { InstanceContext, InstanceRow } from "./instance-context.ts";
import type { InstanceMemory } from "./memory.ts";
import { failureCause } from "./run-result.ts";

/** Returns the marker of the extension on an instance: from its tag if ARM returns that, otherwise from memory. */
export function carriedMarker(
  currentExtension: InstanceExtension,
  remembered: InstanceMemory | undefined,
): string | undefined {
  return currentExtension.tag?.marker ?? remembered?.marker;
}

export const current: InstanceRow = ({ currentExtension, marker, remembered }) => {
  const isCurrent =
    currentExtension?.state === "succeeded" &&
    marker !== undefined &&
    carriedMarker(currentExtension, remembered) === marker;
  return isCurrent ? { state: "current" } : undefined;
};

/** An upgrade can succeed without a run of the extension. */
export const noEffect: InstanceRow = (ctx) => {
  const { attempts } = ctx.remembered ?? {};
  if (attempts?.marker !== ctx.marker || attempts?.succeeded !== true) return undefined;
  const carries = ctx.currentExtension ? otherPackage(ctx) : "does not have the extension";
  if (carries === undefined) return undefined;
  return { state: "failed", reason: "no-effect", message: `the upgrade succeeded, but the instance ${carries}` };
};

function otherPackage({ currentExtension, remembered, marker }: InstanceContext): string | undefined {
  if (currentExtension?.state !== "succeeded") return undefined;
  const carried = carriedMarker(currentExtension, remembered);
  return carried === undefined || carried === marker ? undefined : "has another package";
}

export const failed: InstanceRow = ({ currentExtension, remembered, marker }) => {
  if (currentExtension?.state !== "failed" || marker === undefined) return undefined;
  if ((failedMarkerOf(currentExtension, remembered) ?? marker) !== marker) return undefined;
  const { message } = currentExtension;
  return { state: "failed", reason: `cause-${failureCause(message)}`, message };
};

/**
 * Returns the marker that failed: from the tag if ARM returns it, else of the last attempt, else of the model at
 * provisioning.
 */
function failedMarkerOf(
  currentExtension: InstanceExtension,
  remembered: InstanceMemory | undefined,
): string | undefined {
  return currentExtension.tag?.marker ?? remembered?.attempts?.marker ?? remembered?.failedMarker;
}

export const unknownPackage: InstanceRow = ({ currentExtension, remembered }) => {
  const isUnknown =
    currentExtension?.state === "succeeded" && carriedMarker(currentExtension, remembered) === undefined;
  return isUnknown ? { state: "unknown-package" } : undefined;
};
