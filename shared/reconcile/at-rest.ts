import type { FlowMemory } from "../model/flow.ts";
import { canonicalJson } from "../model/json.ts";
import { MINUTE_MS, SECOND_MS } from "../model/time.ts";

/** A flow at rest still writes this often, so that a flow that no longer runs is noticed. */
export const HEARTBEAT_MS = 5 * MINUTE_MS;

/** A pass begins moments after the tick of its timer: "in a minute" is the next tick. */
export const TICK_SLACK_MS = 15 * SECOND_MS;

/** Returns whether a pass that took no action has nothing to remember: everything but the present time was stored before. */
export function isAtRest(stored: FlowMemory, memory: FlowMemory): boolean {
  const { startedAt, requeueAt } = memory;
  const isDueAtNextTick = requeueAt - startedAt <= MINUTE_MS + TICK_SLACK_MS;
  const isHeartbeatDue = startedAt - stored.startedAt > HEARTBEAT_MS - TICK_SLACK_MS;
  return isDueAtNextTick && !isHeartbeatDue && isSameButForTime(stored, memory);
}

/** Compares memories, with the time of the new pass replaced by that of the stored one. When the next one is due does not count. */
function isSameButForTime(stored: FlowMemory, memory: FlowMemory): boolean {
  const backInTime = (_key: string, value: unknown): unknown => (value === memory.startedAt ? stored.startedAt : value);
  const before: unknown = JSON.parse(JSON.stringify({ ...stored, requeueAt: 0 }));
  const after: unknown = JSON.parse(JSON.stringify({ ...memory, requeueAt: 0 }, backInTime));
  return canonicalJson(before) === canonicalJson(after);
}
