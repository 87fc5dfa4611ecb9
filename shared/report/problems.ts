import { compact } from "../model/json.ts";
import type { Verdict } from "../model/verdict.ts";
import { capitalize, describeTime, REASONS } from "./describe.ts";
import { byLevel, type Level, levelOf, worstOf } from "./levels.ts";
import type { ClassifiedNode } from "./node-status.ts";
import { describeNodeStatus, nextTryOf } from "./node-text.ts";
import { NODE_VERBS } from "./node-verbs.ts";
import { entryFor, toRemedy } from "./remedies.ts";
import type { RemedyContext } from "./remedy-context.ts";
import type { Condition, Problem } from "./status.ts";

type Ctx = Pick<RemedyContext, "app" | "cluster">;

/** Returns what is wrong in a cluster, once for all nodes that it concerns, trouble first and then the oldest. */
export function problemsOf(
  conditions: readonly Verdict[],
  nodes: readonly ClassifiedNode[],
  ctx: Ctx,
): readonly Problem[] {
  const notable = conditions.filter((verdict) => needsAttention(levelOf(verdict.state)));
  const explained = new Set(notable);
  const own = nodes.filter(({ because, level }) => needsAttention(level) && !(because && explained.has(because)));
  const groups = Map.groupBy(own, ({ pool, state, because }) => JSON.stringify([pool, state, because?.reason]));
  const odd = nodes.filter(isOdd);
  const oddGroups = Map.groupBy(odd, ({ pool, endpoint }) => JSON.stringify([pool, endpoint?.reason]));
  return [
    ...notable.map((verdict) => fromCondition(verdict, nodes, ctx)),
    ...[...groups.values()].map((group) => fromNodes(group, ctx)),
    ...[...oddGroups.values()].map((group) => fromEndpoints(group, ctx)),
  ].toSorted((a, b) => byLevel(a, b) || a.since.localeCompare(b.since));
}

function needsAttention(level: Level): boolean {
  return level === "trouble" || level === "waiting";
}

/** A node can have metrics while something is wrong with its Node object. */
function isOdd({ level, endpoint, because }: ClassifiedNode): boolean {
  return level === "well" && endpoint?.state === "uncovered" && because === endpoint;
}

function fromCondition(verdict: Verdict, nodes: readonly ClassifiedNode[], ctx: Ctx): Problem {
  const { level, reason, message, since, remedy, healsItself } = describeCondition(verdict, ctx);
  const those = nodes.filter(({ because }) => because === verdict);
  return compact({
    level: worstOf([level, ...those.map((each) => each.level)]),
    title: titleOf(verdict),
    reason,
    message,
    since,
    remedy,
    healsItself,
    pool: poolOf(verdict),
    nodes: those.map(({ node }) => node),
    nextTryAt: nextTryOf(verdict),
  });
}

/** Returns a verdict on a cluster or a pool as text. */
export function describeCondition(verdict: Verdict, ctx: Ctx): Condition {
  const { subject, state, reason, message, names = {}, since } = verdict;
  const level = levelOf(state);
  const entry = needsAttention(level) || state === "unmanaged" ? entryFor(verdict) : undefined;
  const about = subject.kind === "scale-set" ? { scaleSet: subject.scaleSet, pool: subject.pool } : {};
  return compact({
    level,
    subject: subject.kind === "scale-set" ? `pool ${subject.pool}` : "cluster",
    state,
    reason,
    message: message === undefined ? `${titleOf(verdict)}.` : capitalize(message),
    since: describeTime(since),
    remedy: toRemedy(entry, { ...ctx, ...about, names }),
    healsItself: !needsAttention(level) || entry?.heals === true,
  });
}

function titleOf(verdict: Verdict): string {
  const { state, reason } = verdict;
  const what = reason ? REASONS[reason] : state;
  const pool = poolOf(verdict);
  return pool === undefined ? capitalize(what) : `Pool ${pool}: ${what}`;
}

function poolOf({ subject }: Verdict): string | undefined {
  return subject.kind === "scale-set" ? subject.pool : undefined;
}

function fromNodes(group: readonly ClassifiedNode[], ctx: Ctx): Problem {
  const [first] = group.toSorted((a, b) => a.since - b.since);
  if (!first) throw new RangeError("an empty group has no problem");
  const { state, because, pool } = first;
  const { reason, message, since, remedy, healsItself } = describeNodeStatus(first, ctx);
  // The title has the reason already.
  const detail = reason && because?.message !== undefined ? capitalize(because.message) : message;
  const { one, many } = NODE_VERBS[state];
  const subject = group.length === 1 ? `Node ${first.node} ${one}` : `${group.length} nodes of ${pool} ${many}`;
  return compact({
    level: worstOf(group.map(({ level }) => level)),
    title: reason ? `${subject}: ${REASONS[reason]}` : subject,
    reason,
    message: detail,
    since,
    remedy,
    healsItself,
    pool,
    nodes: group.map(({ node }) => node),
    nextTryAt: earliestTry(group),
  });
}

function earliestTry(group: readonly ClassifiedNode[]): string | undefined {
  const times = group.flatMap(({ because }) => because?.nextTryAt ?? []);
  return times.length === 0 ? undefined : describeTime(Math.min(...times));
}

function fromEndpoints(group: readonly ClassifiedNode[], ctx: Ctx): Problem {
  const [first] = group;
  if (!first?.endpoint) throw new RangeError("an empty group has no problem");
  const { reason, message, since } = first.endpoint;
  const entry = entryFor(first.endpoint);
  const subject = group.length === 1 ? `Node ${first.node}` : `${group.length} nodes`;
  return compact({
    level: "waiting" as const,
    title: reason ? `${subject}: ${REASONS[reason]}` : subject,
    reason,
    message: message === undefined ? "It is published." : `It is published: ${message}.`,
    since: describeTime(since),
    remedy: toRemedy(entry, { ...ctx, names: {}, node: first.node }),
    healsItself: entry?.heals === true,
    nodes: group.map(({ node }) => node),
  });
}
