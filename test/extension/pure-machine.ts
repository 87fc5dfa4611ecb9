import type { ExtensionTag } from "../../shared/model/extension.ts";
import type { Instance } from "../../shared/model/scale-set.ts";
import * as build from "../build.ts";

/** The conditions of a machine, other than healthy, that are independent of its package. */
export const CONDITIONS = [
  "stopped",
  "silent",
  "protected",
  "other-image",
  "cse-failed",
  "aks-failed",
  "package-fails",
] as const;
export type Condition = "healthy" | (typeof CONDITIONS)[number];

export interface Machine {
  readonly id: string;
  readonly vmId: string;
  condition: Condition;
  /** The marker of the extension on it, whether ARM returns that or not. */
  marker: string | undefined;
  hasFailed: boolean;
  /** The tag that its handler last ran for: it does not run again for the same one. */
  ranFor: ExtensionTag | undefined;
  latestModelApplied: boolean;
}

/** Returns the machine as ARM lists it. */
export function toInstance(machine: Machine, showsTags: boolean, isUpgraded: boolean): Instance {
  const { id, vmId, condition, latestModelApplied } = machine;
  const isReady = condition !== "stopped" && condition !== "silent";
  const ended = condition === "aks-failed" ? "Failed" : "Succeeded";
  return build.instance(id, {
    vmId,
    latestModelApplied,
    isRunning: condition !== "stopped",
    agentReady: isReady,
    provisioningState: isUpgraded ? "Updating" : ended,
    protectedFromScaleSetActions: condition === "protected",
    ...(condition === "other-image" && { image: "windows:20348.2000" }),
    extensions: isReady ? toExtensions(machine, showsTags) : [],
  });
}

function toExtensions({ condition, marker, hasFailed, ranFor }: Machine, showsTags: boolean): Instance["extensions"] {
  const cse = build.cse(condition === "cse-failed" ? "failed" : "succeeded");
  if (marker === undefined) return [cse];
  const ended = hasFailed ? ({ state: "failed", message: "1603" } as const) : ({ state: "succeeded" } as const);
  return [cse, build.ours({ ...ended, tag: showsTags ? (ranFor ?? build.tag({ marker })) : undefined })];
}
