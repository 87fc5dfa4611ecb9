import * as v from "valibot";
import { nodeName } from "./ids.ts";
import { storedReason } from "./reason.ts";
import { count, epochMs, list, object, parserOf } from "./schema.ts";
import { verdictState } from "./verdict.ts";

/** The number of events that a memory keeps, and a status shows; the oldest are dropped. */
export const MOST_EVENTS = 200;
/** The number of node names in one event. */
const MOST_NODES = 5;

const kind = v.picklist([
  /** Another writer removed our extension from the model. */
  "dropped",
  /** The app wrote it. */
  "put",
  /** The app removed it from the model. */
  "deleted",
  /** Machines of nodes with an exporter were replaced. */
  "replaced",
  /** The installation failed on nodes. */
  "failed",
  /** Every running node of the pool has a proven exporter again. */
  "covered",
  /** `current.json` names another package. */
  "package-published",
  /** A package was well on its canaries for ROLLOUT_SOAK. */
  "package-proven",
  /** A verdict on the cluster or a pool that needs attention began or ended. */
  "began",
  "ended",
  /** A failed call ended a pass; the first of a row. */
  "pass-failed",
  "pass-recovered",
]);

const event = object({
  at: epochMs,
  kind,
  pool: v.exactOptional(v.string()),
  /** The first nodes that it concerns, and the number of all. */
  nodes: v.exactOptional(list(nodeName)),
  count: v.exactOptional(count),
  state: v.exactOptional(verdictState),
  reason: v.exactOptional(storedReason),
  /** When what ends now began. */
  since: v.exactOptional(epochMs),
  /** The sum over the nodes of the minutes that each ran without a proven exporter. */
  nodeMinutes: v.exactOptional(count),
  /** SHA-256 of the package. */
  package: v.exactOptional(v.string()),
  /** The operation of AKS, or the failed call. */
  message: v.exactOptional(v.string()),
});

/** What happened in a cluster, as a pass saw it. */
export type TimelineEvent = v.InferOutput<typeof event>;

const parseEvent = parserOf(event);

/** Schema of a stored timeline. An event that this version cannot read is dropped, and the memory around it is kept. */
export const storedTimeline = v.optional(
  v.pipe(
    v.array(v.unknown()),
    v.transform((stored): readonly TimelineEvent[] => stored.flatMap((each) => parseEvent(each) ?? [])),
  ),
  [],
);

/** Returns a timeline with further events at its end, without the oldest beyond the limit. */
export function addEvents(
  timeline: readonly TimelineEvent[],
  events: readonly TimelineEvent[],
): readonly TimelineEvent[] {
  return events.length === 0 ? timeline : [...timeline, ...events].slice(-MOST_EVENTS);
}

/** Returns the fields of an event that concern nodes. */
export function aboutNodes(nodes: readonly v.InferOutput<typeof nodeName>[]): Pick<TimelineEvent, "nodes" | "count"> {
  return { nodes: nodes.toSorted().slice(0, MOST_NODES), count: nodes.length };
}
