/** A failed call as data. */
export interface CallFailure {
  readonly fault: Fault;
  /** What was called, what Azure said, what to do; without secrets. */
  readonly message: string;
  readonly retryAfterMs?: number;
}

/** What can be done about a failed call. */
export type Fault = "not-found" | "conflict" | "throttled" | "denied" | "transient" | "bug";
