import { findOwnExtension } from "../model/extension.ts";
import type { ExtensionObserved } from "../model/observed.ts";
import { byText } from "../model/order.ts";
import type { ScaleSet } from "../model/scale-set.ts";
import { HOUR_MS, MINUTE_MS } from "../model/time.ts";
import { aboutNodes, addEvents, type TimelineEvent } from "../model/timeline.ts";
import type { InstanceMemory } from "./instance-memory.ts";
import { EMPTY_SCALE_SET, type ExtensionMemory, type ScaleSetMemory } from "./memory.ts";

/** An operation of AKS that ended this long ago is no longer named as the cause of a loss. */
const NAMED_FOR_MS = HOUR_MS;

/** Adds to the timeline what a pass observed: losses, failures, and pools and packages that are well again. */
export function recordEvents(
  before: ExtensionMemory,
  after: ExtensionMemory,
  { scaleSets, at: now }: ExtensionObserved,
): ExtensionMemory {
  const inOrder = scaleSets.toSorted(byText(({ id }) => id));
  const known = new Set(before.proven.map(({ hash }) => hash));
  const published = before.package && after.package?.hash !== before.package.hash ? after.package : undefined;
  const events: readonly TimelineEvent[] = [
    ...(published ? [{ at: now, kind: "package-published" as const, package: published.hash }] : []),
    ...inOrder.flatMap((scaleSet) => setEvents(scaleSet, pairOf(scaleSet, before, after), now)),
    ...after.proven
      .filter(({ hash }) => !known.has(hash))
      .map(({ hash }) => ({ at: now, kind: "package-proven" as const, package: hash })),
  ];
  return { ...after, timeline: addEvents(before.timeline, events) };
}

/** The memory of a scale set as a pass found it, and with what the pass observed. */
interface Pair {
  readonly before: ScaleSetMemory;
  readonly after: ScaleSetMemory;
}

function pairOf({ id }: ScaleSet, before: ExtensionMemory, after: ExtensionMemory): Pair {
  return { before: before.scaleSets[id] ?? EMPTY_SCALE_SET, after: after.scaleSets[id] ?? EMPTY_SCALE_SET };
}

function setEvents(scaleSet: ScaleSet, pair: Pair, now: number): readonly TimelineEvent[] {
  const { after } = pair;
  const about = { at: now, pool: scaleSet.pool ?? "" };
  const operation = after.aksOperation && now - after.aksOperation.at < NAMED_FOR_MS ? after.aksOperation : undefined;
  const named = operation ? { message: operation.text } : {};
  const failed = nodesThat(pair, (was, is) => (is.attempts?.failedAt ?? 0) === now && was.attempts?.failedAt !== now);
  const failures = failed.length > 0 ? [{ ...about, kind: "failed" as const, ...aboutNodes(failed) }] : [];
  if (after.uninstall) return failures.map((each) => ({ ...each, reason: "uninstall" as const }));
  return [...lossEvents(scaleSet, pair, { ...about, ...named }), ...failures, ...coveredEvents(pair, about)];
}

/** What another writer took away; what a pool that is uninstalled loses is no loss. */
function lossEvents(
  { extensions }: ScaleSet,
  pair: Pair,
  about: Pick<TimelineEvent, "at" | "pool" | "message">,
): readonly TimelineEvent[] {
  const isDropped = pair.before.hasExtension && findOwnExtension(extensions) === undefined;
  const replaced = nodesThat(pair, (was, is) => was.succeededAt !== undefined && is.succeededAt === undefined);
  return [
    ...(isDropped ? [{ ...about, kind: "dropped" as const }] : []),
    ...(replaced.length > 0 ? [{ ...about, kind: "replaced" as const, ...aboutNodes(replaced) }] : []),
  ];
}

/** Returns the nodes of the instances whose memory before and after a pass fits. */
function nodesThat({ before, after }: Pair, fits: (was: InstanceMemory, is: InstanceMemory) => boolean) {
  return Object.entries(after.instances).flatMap(([vmId, is]) => {
    const was = before.instances[vmId];
    return was && fits(was, is) ? [is.node] : [];
  });
}

/** The pool is covered again once no running node is without a proven exporter. */
function coveredEvents({ before, after }: Pair, about: Pick<TimelineEvent, "at" | "pool">): readonly TimelineEvent[] {
  if (!before.blind || after.blind) return [];
  const { since, ms, nodes } = closeBlind(before, after, about.at);
  return [{ ...about, kind: "covered", since, count: nodes, nodeMinutes: Math.round(ms / MINUTE_MS) }];
}

/** Returns the memory of the blind nodes of a pool; undefined once there is none. */
export function recordBlind(before: ScaleSetMemory, after: ScaleSetMemory, now: number): ScaleSetMemory["blind"] {
  const isBlind = Object.values(after.instances).some(({ unprovenSince }) => unprovenSince !== undefined);
  return isBlind ? closeBlind(before, after, now) : undefined;
}

/** Adds the times of the nodes that are proven or gone since the pass before. */
function closeBlind(
  { blind, instances: were }: ScaleSetMemory,
  { instances }: ScaleSetMemory,
  now: number,
): NonNullable<ScaleSetMemory["blind"]> {
  const ended = Object.entries(were).flatMap(([vmId, { unprovenSince }]) =>
    unprovenSince !== undefined && instances[vmId]?.unprovenSince === undefined ? [now - unprovenSince] : [],
  );
  return {
    since: blind?.since ?? now,
    ms: (blind?.ms ?? 0) + ended.reduce((sum, each) => sum + each, 0),
    nodes: (blind?.nodes ?? 0) + ended.length,
  };
}
