import * as v from "valibot";
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
});

/** A failed call, as plain data. */
export type CallFailure = v.InferOutput<typeof storedFailure>;
