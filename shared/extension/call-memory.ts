import * as v from "valibot";
import { storedNames } from "../model/refusal.ts";
import { count, epochMs, list, maybe } from "../model/schema.ts";

/** Our last operation on a scale set. */
export const operation = v.object({
  kind: v.picklist(["put-extension", "upgrade-instances", "delete-extension"]),
  submittedAt: epochMs,
  marker: maybe(v.string()),
  /** The vmIds of the instances that an upgrade includes. */
  instances: list(v.string()),
  /** The SDK's serialized poller: a URL without a secret. */
  poller: v.string(),
  state: v.picklist(["running", "succeeded", "failed", "unknown"]),
  /** When a pass first observed that it had ended. */
  endedAt: maybe(epochMs),
});

/** A write that was refused or failed. */
export const backOff = v.object({
  reason: v.picklist(["denied", "denied-by-policy", "scope-locked", "throttled", "write-failed"]),
  /** When the first of the consecutive attempts failed. */
  since: maybe(epochMs),
  until: epochMs,
  /** Number of consecutive failed attempts. */
  attempts: count,
  /** Identifies the write; a write with another key is tried at once. */
  key: v.string(),
  message: v.string(),
  names: maybe(storedNames),
});

/** The last writes of a model. */
export const puts = v.object({
  /** Identifies what was written, without its link. */
  key: v.string(),
  /** When it was written, the last three times. */
  times: list(epochMs),
  /** Number of these writes that were made although the ones before had no effect. */
  retries: count,
});

/** Lists of instances that failed. */
export const unreadable = v.object({
  reason: v.picklist(["denied", "throttled", "read-failed"]),
  /** Number of consecutive lists that failed. */
  failures: count,
  /** No list is read before that. */
  until: epochMs,
  message: v.string(),
  names: maybe(storedNames),
});

export type OperationMemory = v.InferOutput<typeof operation>;
export type BackOff = v.InferOutput<typeof backOff>;
export type PutsMemory = v.InferOutput<typeof puts>;
export type UnreadableMemory = v.InferOutput<typeof unreadable>;
