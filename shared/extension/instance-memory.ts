import * as v from "valibot";
import { nodeName } from "../model/ids.ts";
import { count, epochMs, maybe } from "../model/schema.ts";

const attempts = v.object({
  marker: v.string(),
  /** The try of the last one; if that is not known, the model's when the failure was first seen. */
  try: v.optional(count, 0),
  /** A failure of an unknown try counts against no package. */
  isTryKnown: v.optional(v.boolean(), false),
  count,
  lastAt: epochMs,
  succeeded: v.boolean(),
  /** When a pass first saw that the last one failed. */
  failedAt: maybe(epochMs),
  /** If they remove the exporter: when a pass first saw that one failed, had no effect or did not end. */
  failingSince: maybe(epochMs),
  /** Whether the last one was made early, because another instance had succeeded after a failed download. */
  isEarly: v.optional(v.boolean(), false),
});

/** Schema of what is known of an instance. */
export const instance = v.object({
  node: nodeName,
  /** The marker that it last carried. */
  marker: maybe(v.string()),
  /** When that was last observed. */
  markerAt: maybe(epochMs),
  /** The tag of the model with which it was created or reimaged, if it is known. */
  provisioned: maybe(v.object({ marker: v.string(), try: count })),
  /** The marker with which our extension last failed. */
  failedMarker: maybe(v.string()),
  /** Whether its instance view has contained our extension since the instance was created or reimaged. */
  hadExtension: v.boolean(),
  /** When our extension was last observed as succeeded; tells the endpoints flow that the node has an exporter. */
  succeededAt: maybe(epochMs),
  isRunning: v.boolean(),
  /** The first of the consecutive passes that saw it running without a success since it was created or reimaged. */
  unprovenSince: maybe(epochMs),
  /** The first of the consecutive passes that saw our extension transitioning, or our upgrade of it running. */
  installingSince: maybe(epochMs),
  /** The first of the consecutive passes that saw our extension as succeeded. */
  succeededSince: maybe(epochMs),
  /** A resync asked for an attempt after this try of the model, and it has not been made yet. */
  retryAfterTry: maybe(count),
  /** The attempts to install `marker` on it, that of its provisioning included, and whether one succeeded. */
  attempts: maybe(attempts),
});

export type InstanceMemory = v.InferOutput<typeof instance>;
export type Attempts = v.InferOutput<typeof attempts>;

/** The memory of an instance that no pass has observed yet. */
export const EMPTY_INSTANCE: Omit<InstanceMemory, "node"> = {
  marker: undefined,
  markerAt: undefined,
  provisioned: undefined,
  failedMarker: undefined,
  hadExtension: false,
  succeededAt: undefined,
  isRunning: true,
  unprovenSince: undefined,
  installingSince: undefined,
  succeededSince: undefined,
  retryAfterTry: undefined,
  attempts: undefined,
};
