/** A failed call, as plain data. */
export interface CallFailure {
  readonly fault: Fault;
  /** The call, the service's error and what to do; without secrets. */
  readonly message: string;
  readonly retryAfterMs?: number;
}

/** Class of a failed call, which decides how the app reacts to it. */
export type Fault = "not-found" | "conflict" | "throttled" | "denied" | "transient" | "bug";
