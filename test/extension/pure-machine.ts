import type { Instance } from "../../shared/model/scale-set.ts";
import * as build from "../build.ts";

/** What is the matter with a machine, apart from what it carries. */
export const PLIGHTS = [
  "stopped",
  "silent",
  "protected",
  "other-image",
  "cse-failed",
  "aks-failed",
  "package-fails",
] as const;
export type Plight = "well" | (typeof PLIGHTS)[number];

export interface Machine {
  readonly id: string;
  readonly vmId: string;
  plight: Plight;
  /** The marker of the extension that is really on it; ARM need not show it. */
  carries: string | undefined;
  hasFailed: boolean;
  latestModelApplied: boolean;
}

/** The machine as ARM lists it. */
export function showMachine(machine: Machine, showsTags: boolean, isUpgraded: boolean): Instance {
  const { id, vmId, plight, latestModelApplied } = machine;
  const isAnswering = plight !== "stopped" && plight !== "silent";
  const ended = plight === "aks-failed" ? "Failed" : "Succeeded";
  return build.instance(id, {
    vmId,
    latestModelApplied,
    isRunning: plight !== "stopped",
    agentReady: isAnswering,
    provisioningState: isUpgraded ? "Updating" : ended,
    protectedFromScaleSetActions: plight === "protected",
    ...(plight === "other-image" && { image: "windows:20348.2000" }),
    extensions: isAnswering ? showExtensions(machine, showsTags) : [],
  });
}

function showExtensions({ plight, carries, hasFailed }: Machine, showsTags: boolean): Instance["extensions"] {
  const cse = build.cse(plight === "cse-failed" ? "failed" : "succeeded");
  if (carries === undefined) return [cse];
  const ended = hasFailed ? ({ state: "failed", message: "1603" } as const) : ({ state: "succeeded" } as const);
  return [cse, build.ours({ ...ended, tag: showsTags ? build.tag({ marker: carries }) : undefined })];
}
