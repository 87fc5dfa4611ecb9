import type { Records } from "../clients/storage/records.ts";
import type { Cause } from "../model/flow.ts";
import { type EpochMs, SECOND_MS } from "../model/time.ts";
import { type PassTarget, readMemory } from "./blobs.ts";
import { readRequest } from "./requests.ts";

/** A pass begins moments after the timer's tick, and "in a minute" means the next tick. */
const TICK_SLACK_MS = 15 * SECOND_MS;

/** Returns `request` if a pass was requested, `timer` if one is due now, undefined otherwise. */
export async function findDueCause(
  target: PassTarget,
  { records, now }: { readonly records: Records; readonly now: () => EpochMs },
  signal: AbortSignal,
): Promise<Extract<Cause, "request" | "timer"> | undefined> {
  if (await readRequest(records, target, signal)) return "request";
  const { requeueAt } = await readMemory(records, target, signal);
  return now() < requeueAt - TICK_SLACK_MS ? undefined : "timer";
}
