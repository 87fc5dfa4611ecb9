import { findOwnExtension } from "../model/extension.ts";
import type { Instance, InstanceExtension } from "../model/scale-set.ts";
import { markerOf, packageOf } from "./desired.ts";
import { type Evidence, isSuccessText, parseEvidence } from "./run-result.ts";

/** The last run of our extension on an instance, read by the contract with the module. */
export interface OwnRun extends Pick<InstanceExtension, "state" | "message"> {
  /** The evidence of a run that succeeded, if Azure shows it. */
  readonly evidence: Evidence | undefined;
  /** The marker in what Azure shows: the evidence, the settings or the tag. Undefined if it shows none of them. */
  readonly marker: string | undefined;
  /** The try in the tag, if Azure shows it. */
  readonly try: number | undefined;
}

/** Returns the run of our extension on an instance; undefined if its view has none. */
export function readOwnRun({ extensions }: Pick<Instance, "extensions">): OwnRun | undefined {
  const own = findOwnExtension(extensions);
  if (!own) return undefined;
  const { message, tag, logs } = own;
  // Azure may show a failure that the model suppresses as a success.
  const state = own.state === "succeeded" && !isSuccessText(message) ? "failed" : own.state;
  const evidence = state === "succeeded" ? parseEvidence(logs) : undefined;
  return { state, message, evidence, marker: evidence?.marker ?? markerInSettings(own) ?? tag?.marker, try: tag?.try };
}

/**
 * Returns whether a run proves a healthy exporter. Where a cluster has shown the module's evidence, only that does; a
 * cluster whose Azure never shows it proves by success.
 */
export function provesHealth({ state, evidence }: OwnRun, showsEvidence: boolean): boolean {
  if (state !== "succeeded") return false;
  return evidence ? evidence.metrics === "ok" : !showsEvidence;
}

function markerInSettings({ settings }: InstanceExtension): string | undefined {
  const shown = packageOf({ settings });
  return shown && markerOf(shown);
}
