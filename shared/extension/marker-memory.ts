import * as v from "valibot";
import { nodeName, scaleSetId } from "../model/ids.ts";
import { storedPackage } from "../model/package.ts";
import { epochMs, list, maybe } from "../model/schema.ts";

/** The trial of a marker that is new to the cluster. */
export const trial = v.object({
  marker: v.string(),
  /** When its first pass began. */
  since: epochMs,
  /** The scale sets of the canary pools, in the order in which they joined, and when the last one did. */
  scaleSets: list(scaleSetId),
  joinedAt: maybe(epochMs),
  /** When an instance of these was last seen as current. */
  currentAt: maybe(epochMs),
  /** Since when every pass has seen an instance there as current, with its Node Ready. */
  soakingSince: maybe(epochMs),
});

/** A marker that the cluster gives to no pool, until `current.json` names another one or a resync releases it. */
export const heldMarker = v.object({
  marker: v.string(),
  reason: v.picklist(["canary-failed", "harmed-nodes"]),
  since: epochMs,
  nodes: list(nodeName),
});

/** A proven marker to which a pool gets no upgrade, for the same time. */
export const packageHold = v.object({ marker: v.string(), since: epochMs, nodes: list(nodeName) });

/** The removal of the exporter from a pool in UNINSTALL_POOLS. */
export const uninstall = v.object({
  since: epochMs,
  /** The package that removes it, as it is installed. Undefined if there is none that can be used. */
  package: maybe(storedPackage),
});

export type Trial = v.InferOutput<typeof trial>;
export type HeldMarker = v.InferOutput<typeof heldMarker>;
export type UninstallMemory = v.InferOutput<typeof uninstall>;
