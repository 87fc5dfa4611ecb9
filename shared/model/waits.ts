import { DAY_MS, HOUR_MS, MINUTE_MS } from "./time.ts";

/** Waits while AKS has an operation in progress, which often takes a few minutes and sometimes an hour. */
const WHILE_BUSY_MS = [1, 2, 4].map((minutes) => minutes * MINUTE_MS);
const LONGEST_BUSY_MS = 5 * MINUTE_MS;

/** Waits after a failure: a transient one is over within minutes, one that an operator must fix can last for days. */
const BEFORE_RETRY_MS = [5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS];
const LONGEST_RETRY_MS = DAY_MS;

/** The number of consecutive failed passes from which on the longer wait applies. */
const FAILURES_BEFORE_LONG_WAIT = 5;

/**
 * Returns the wait after a number of consecutive passes that found an operation in progress: 1, 2, 4, then 5 minutes.
 */
export function busyWaitMs(passes: number): number {
  return WHILE_BUSY_MS[passes] ?? LONGEST_BUSY_MS;
}

/**
 * Returns the wait after the nth consecutive failed or refused attempt, from 1: 5 and 15 minutes, 1, 6, then 24 hours.
 */
export function retryWaitMs(attempt: number): number {
  return BEFORE_RETRY_MS[attempt - 1] ?? LONGEST_RETRY_MS;
}

/** Returns the wait after the nth consecutive failed pass, from 1: a minute; from the fifth on, 5 minutes. */
export function failedPassWaitMs(failures: number): number {
  return failures < FAILURES_BEFORE_LONG_WAIT ? MINUTE_MS : LONGEST_BUSY_MS;
}
