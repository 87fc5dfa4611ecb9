import { DAY_MS, HOUR_MS, MINUTE_MS } from "./time.ts";

/** While AKS works, its operations often take a few minutes, sometimes an hour. */
const WHILE_BUSY_MS = [1, 2, 4].map((minutes) => minutes * MINUTE_MS);
const LONGEST_BUSY_MS = 5 * MINUTE_MS;

/** After a failure: a hiccup is over within minutes, a cause that a person must remove may last for days. */
const BEFORE_RETRY_MS = [5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS];
const LONGEST_RETRY_MS = DAY_MS;

/** Passes in a row that may fail before a cluster that does not answer is asked less often. */
const PATIENCE = 5;

/** Returns how long to wait for an operation in progress, after that many passes in a row that found one: 1, 2, 4, then 5 minutes. */
export function busyWaitMs(passes: number): number {
  return WHILE_BUSY_MS[passes] ?? LONGEST_BUSY_MS;
}

/** Returns how long after a failed or refused attempt, the nth in a row from 1, to try again: 5 and 15 minutes, 1, 6, then every 24 hours. */
export function retryWaitMs(attempt: number): number {
  return BEFORE_RETRY_MS[attempt - 1] ?? LONGEST_RETRY_MS;
}

/** Returns how long after a failed pass, the nth in a row from 1, to run the next: a minute; from the fifth on, 5 minutes. */
export function failedPassWaitMs(failures: number): number {
  return failures < PATIENCE ? MINUTE_MS : LONGEST_BUSY_MS;
}
