import type { FlowMemory } from "../model/flow.ts";
import { compact } from "../model/json.ts";
import type { Reason } from "../model/reason.ts";
import type { EpochMs } from "../model/time.ts";
import type { TimelineEvent } from "../model/timeline.ts";
import type { Verdict, VerdictState } from "../model/verdict.ts";

const NOTABLE_STATES: ReadonlySet<VerdictState> = new Set([
  "refused",
  "unreadable",
  "package-unusable",
  "degraded",
  "held",
  "orphaned",
]);
const NOTABLE_REASONS: ReadonlySet<Reason> = new Set(["aks-busy", "stopped", "paused", "canary-failed"]);

/** A message of ARM can be long. */
const LONGEST_MESSAGE = 200;

/**
 * Returns the events of verdicts on a cluster or a pool that need attention: those that began since the last one in the
 * timeline, and those that ended. While an action tries again what was refused, the refusal has not ended.
 */
export function verdictEvents(
  { timeline }: Pick<FlowMemory, "timeline">,
  verdicts: readonly Verdict[],
  now: EpochMs,
): readonly TimelineEvent[] {
  const open = openEvents(timeline);
  const present = new Map(verdicts.flatMap((each) => (isNotable(each) ? [[keyOf(toEvent(each)), each] as const] : [])));
  const trying = new Set(verdicts.filter(({ state }) => state === "acting").map(poolOf));
  const began = [...present].flatMap(([key, verdict]) => (open.has(key) ? [] : [toEvent(verdict)]));
  const ended = [...open]
    .filter(([key, { pool }]) => !present.has(key) && !trying.has(pool))
    .map(([, { pool, state, reason, at: since }]): TimelineEvent => {
      return compact({ kind: "ended" as const, at: now, pool, state, reason, since });
    });
  return [...ended, ...began];
}

function isNotable({ subject, state, reason }: Verdict): boolean {
  if (subject.kind !== "cluster" && subject.kind !== "scale-set") return false;
  return NOTABLE_STATES.has(state) || (reason !== undefined && NOTABLE_REASONS.has(reason));
}

function toEvent(verdict: Verdict): TimelineEvent {
  const { state, reason, message, since } = verdict;
  const short = message?.slice(0, LONGEST_MESSAGE);
  return compact({ at: since, kind: "began" as const, state, pool: poolOf(verdict), reason, message: short });
}

function poolOf({ subject }: Verdict): string | undefined {
  return subject.kind === "scale-set" ? subject.pool : undefined;
}

function keyOf({ pool, state, reason }: Pick<TimelineEvent, "pool" | "state" | "reason">): string {
  return JSON.stringify([pool, state, reason]);
}

/** Returns the verdicts that began and have not ended. */
function openEvents(timeline: readonly TimelineEvent[]): ReadonlyMap<string, TimelineEvent> {
  const open = new Map<string, TimelineEvent>();
  for (const event of timeline) {
    if (event.kind === "began") open.set(keyOf(event), event);
    if (event.kind === "ended") open.delete(keyOf(event));
  }
  return open;
}
