import * as v from "valibot";
import type { Reason } from "./reason.ts";
import { storedNames } from "./refusal.ts";
import { object } from "./schema.ts";

const fault = v.picklist(["not-found", "conflict", "throttled", "denied", "transient", "bug"]);

/** Class of a failed call, which decides how the app reacts to it. */
export type Fault = v.InferOutput<typeof fault>;

/** Schema of `CallFailure`. */
export const storedFailure = object({
  fault,
  /** The call, the service's error and what to do; without secrets. */
  message: v.string(),
  /** The error code of the service, for example `ScopeLocked`. */
  code: v.exactOptional(v.string()),
  retryAfterMs: v.exactOptional(v.number()),
  /** What a remedy has to name. */
  names: v.exactOptional(storedNames),
});

/** A failed call, as plain data. */
export type CallFailure = v.InferOutput<typeof storedFailure>;

const REASON_BY_CODE: Readonly<Partial<Record<string, WriteReason>>> = {
  RequestDisallowedByPolicy: "denied-by-policy",
  ScopeLocked: "scope-locked",
};

const REASON_BY_FAULT: Readonly<Record<Fault, WriteReason>> = {
  bug: "write-failed",
  conflict: "write-failed",
  denied: "denied",
  "not-found": "write-failed",
  throttled: "throttled",
  transient: "write-failed",
};

/** Why a write was refused or failed. */
export type WriteReason = Extract<
  Reason,
  "denied" | "denied-by-policy" | "scope-locked" | "throttled" | "write-failed"
>;

/** Returns why a write was refused or failed. */
export function writeReasonOf({ code = "", fault }: Pick<CallFailure, "code" | "fault">): WriteReason {
  return REASON_BY_CODE[code] ?? REASON_BY_FAULT[fault];
}
