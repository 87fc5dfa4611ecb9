import { type EpochMs, HOUR_MS } from "../model/time.ts";
import { REASONS } from "./describe.ts";
import { needsMetrics } from "./node-levels.ts";
import type { ClassifiedNode } from "./node-status.ts";
import { NODE_VERBS } from "./node-verbs.ts";
import type { ClusterStatus, PassStatus } from "./status.ts";

/** Returns how many Windows nodes have no metrics, as a sentence without a full stop; and as of when, if that is old. */
export function headlineOf(
  nodes: readonly ClassifiedNode[],
  passes: readonly PassStatus[],
  { oldSince, now }: { readonly oldSince: EpochMs | undefined; readonly now: EpochMs },
): string {
  const told = countsOf(nodes, passes);
  return oldSince === undefined ? told : `As of ${atTime(oldSince, now)}: ${told}`;
}

function countsOf(nodes: readonly ClassifiedNode[], passes: readonly PassStatus[]): string {
  const counted = nodes.filter(needsMetrics);
  const all = counted.length;
  if (all === 0) {
    const isRead = passes.some(({ startedAt }) => startedAt !== undefined);
    return isRead ? "No running Windows node should have metrics" : "No pass has run yet";
  }
  if (counted.every(({ published }) => published === "unknown")) {
    return `${nodesText(all)}: no pass has read which of them have metrics`;
  }
  const without = counted.filter(({ hasMetrics }) => !hasMetrics).length;
  if (without === 0) return all === 1 ? "The Windows node has metrics" : `All ${all} Windows nodes have metrics`;
  return `${without} of ${nodesText(all)} ${without === 1 ? "has" : "have"} no metrics`;
}

function nodesText(count: number): string {
  return `${count} Windows ${count === 1 ? "node" : "nodes"}`;
}

const FIRST_PASS =
  "A timer begins a pass every minute. If none appears within five minutes, check that the function app runs.";

/** The states of which the summary has a sentence, in this order; those of blind nodes depend on their age. */
const SUMMARIZED = ["failed", "held", "waiting-for-aks", "installing", "queued", "planned", "outdated"] as const;

/** Returns sentences that explain a headline: what needs a person first, then what goes on by itself. */
export function summaryOf(
  nodes: readonly ClassifiedNode[],
  passes: readonly PassStatus[],
  now: EpochMs,
): readonly string[] {
  const blind = nodes.filter(({ state }) => state === "blind");
  const long = blind.filter(({ level }) => level === "trouble");
  const recent = blind.filter((each) => !long.includes(each));
  const groups = SUMMARIZED.flatMap((state) => {
    const { one, many } = NODE_VERBS[state];
    const those = nodes.filter((each) => each.state === state);
    if (those.length === 0) return [];
    return [`${those.length} ${those.length === 1 ? one : many}${detailOf(those, now)}.`];
  });
  return [
    ...(long.length > 0
      ? [`${long.length} ${have(long.length)} had none for more than 30 minutes${detailOf(long, now)}.`]
      : []),
    ...groups,
    ...(recent.length > 0
      ? [`${recent.length} ${have(recent.length)} had none for less than 30 minutes${detailOf(recent, now)}.`]
      : []),
    ...(passes.every(({ startedAt }) => startedAt === undefined) ? [FIRST_PASS] : []),
    ...passes.flatMap(({ flow, observedAt }) =>
      observedAt === undefined
        ? []
        : [`The ${flow} pass fails: what it told is as of ${atTime(Date.parse(observedAt), now)}.`],
    ),
  ];
}

/** Returns a sentence for each pause. */
export function describePauses(pauses: ClusterStatus["pauses"], now: EpochMs): readonly string[] {
  return pauses.map(({ pool, until }) => {
    const what = pool === undefined ? "The app is paused here" : `Pool ${pool} is paused`;
    return `${what} until ${atTime(Date.parse(until), now)}.`;
  });
}

function have(count: number): string {
  return count === 1 ? "has" : "have";
}

/** Returns why and since when, where all nodes have the same reason. */
function detailOf(nodes: readonly ClassifiedNode[], now: EpochMs): string {
  const [first] = nodes;
  if (!first?.because?.reason) return "";
  const { reason } = first.because;
  if (nodes.some(({ because }) => because?.reason !== reason)) return "";
  const since = atTime(Math.min(...nodes.map((each) => each.since)), now);
  return `: ${REASONS[reason]}, since ${since}`;
}

/** Returns the time of the day in UTC, with the date unless it is less than 12 hours ago. */
function atTime(at: EpochMs, now: EpochMs): string {
  const [date = "", time = ""] = new Date(at).toISOString().split("T");
  return `${Math.abs(now - at) < 12 * HOUR_MS ? "" : `${date} `}${time.slice(0, 5)} UTC`;
}
