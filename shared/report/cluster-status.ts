import { splitId } from "../model/ids.ts";
import { compact } from "../model/json.ts";
import { compareTexts } from "../model/order.ts";
import type { EpochMs } from "../model/time.ts";
import { MOST_EVENTS } from "../model/timeline.ts";
import type { Verdict } from "../model/verdict.ts";
import { dashboardOf } from "./dashboards.ts";
import { describeTime } from "./describe.ts";
import { describePauses, headlineOf, summaryOf } from "./headline.ts";
import { joinNodes } from "./join.ts";
import { byLevel, worstOf } from "./levels.ts";
import { linkProblems } from "./link-problems.ts";
import { type ClassifiedNode, classifyNodes } from "./node-status.ts";
import { describeNodeStatus } from "./node-text.ts";
import { passProblems, passStatus } from "./passes.ts";
import { listPauses, pauseProblems } from "./pauses.ts";
import { describeCondition, problemsOf } from "./problems.ts";
import type { AppFacts } from "./remedy-context.ts";
import { type ClusterStatus, NODE_STATES, type NodeCounts, type PoolStatus } from "./status.ts";
import { observations, reportOf, type StoredCluster, type StoredFlow } from "./stored-flow.ts";
import { describeEvent } from "./timeline.ts";

/** Returns the status of a cluster: what its last passes observed, planned and did, by node. */
export function clusterStatus({ cluster, flows, pauses }: StoredCluster, app: AppFacts, at: EpochMs): ClusterStatus {
  const ctx = { app, cluster };
  const reports = observations(flows);
  const nodes = classifyNodes(joinNodes(reports), at);
  const conditions = reports.flatMap(({ plan }) => plan.verdicts).filter(isCondition);
  const passes = flows.map((flow) => passStatus(flow, at));
  const problems = [
    ...flows.flatMap((flow) => passProblems(flow, ctx, at)),
    ...pauseProblems(pauses, ctx, at),
    ...linkProblems(conditions, ctx, at),
    ...problemsOf(conditions, nodes, ctx),
  ];
  const sets = conditions.filter(({ subject }) => subject.kind === "scale-set");
  const levels = [...nodes, ...problems, ...passes].map(({ level }) => level);
  const paused = listPauses(pauses);
  const events = flows.flatMap(({ timeline }) => timeline).toSorted((a, b) => b.at - a.at);
  return compact({
    cluster,
    name: splitId(cluster).name,
    dashboard: dashboardOf(cluster, app),
    level: worstOf(levels),
    headline: headlineOf(nodes, passes, { oldSince: oldSince(flows), now: at }),
    summary: [...describePauses(paused, at), ...summaryOf(nodes, passes, at)],
    counts: countStates(nodes),
    pauses: paused,
    problems,
    pools: poolsOf(nodes, sets, ctx),
    conditions: conditions.filter((each) => !sets.includes(each)).map((each) => describeCondition(each, ctx)),
    timeline: events.slice(0, MOST_EVENTS).map((event) => ({ at: describeTime(event.at), text: describeEvent(event) })),
    passes,
  });
}

/** Returns when the oldest observation was made that is shown in place of a newer one; undefined if none is old. */
function oldSince(flows: readonly StoredFlow[]): EpochMs | undefined {
  const old = flows.filter((flow) => flow.overdueSince !== undefined || reportOf(flow)?.failure !== undefined);
  const times = observations(old).map(({ endedAt }) => endedAt);
  return times.length === 0 ? undefined : Math.min(...times);
}

function isCondition({ subject }: Verdict): boolean {
  return subject.kind === "cluster" || subject.kind === "scale-set";
}

function countStates(nodes: readonly ClassifiedNode[]): NodeCounts {
  const counts: Partial<Record<ClassifiedNode["state"], number>> = {};
  for (const { state } of nodes) counts[state] = (counts[state] ?? 0) + 1;
  return Object.fromEntries(NODE_STATES.flatMap((state) => (counts[state] ? [[state, counts[state]]] : [])));
}

function poolsOf(
  nodes: readonly ClassifiedNode[],
  sets: readonly Verdict[],
  ctx: Parameters<typeof describeCondition>[1],
): readonly PoolStatus[] {
  const byPool = Map.groupBy(nodes, ({ pool }) => pool);
  const names = new Set([
    ...byPool.keys(),
    ...sets.flatMap(({ subject }) => ("pool" in subject ? [subject.pool] : [])),
  ]);
  const pools = [...names].map((pool): PoolStatus => {
    const own = byPool.get(pool) ?? [];
    const those = sets.filter(({ subject }) => "pool" in subject && subject.pool === pool);
    const conditions = those.map((each) => describeCondition(each, ctx));
    const scaleSet = those.flatMap(({ subject }) => ("scaleSet" in subject ? [subject.scaleSet] : []))[0];
    return {
      pool,
      level: worstOf([...own, ...conditions].map(({ level }) => level)),
      counts: countStates(own),
      conditions,
      nodes: own.map((each) => describeNodeStatus(each, ctx)).toSorted(byLevel),
      ...(scaleSet !== undefined && { scaleSet }),
    };
  });
  return pools.toSorted((a, b) => byLevel(a, b) || compareTexts(a.pool, b.pool));
}
