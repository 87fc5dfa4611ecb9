import { type Level, worstOf } from "../../../shared/report/levels.ts";
import { NODE_WORDS } from "../../../shared/report/page/words.ts";
import type {
  ClusterStatus,
  NodeCounts,
  NodeState,
  NodeStatus,
  PassStatus,
  PoolStatus,
  Problem,
  Status,
} from "../../../shared/report/status.ts";
import { CLUSTER_ID, hashOf, NOW } from "../../build.ts";

/** Builders of statuses. By default nothing is wrong; a test overrides what it is about. */
export const AT = new Date(NOW).toISOString();

const LEVELS_OF: Partial<Record<NodeState, Level>> = {
  failed: "trouble",
  blind: "trouble",
  "waiting-for-aks": "waiting",
  queued: "working",
  held: "trouble",
  planned: "waiting",
  outdated: "waiting",
  installing: "working",
};

/** Returns a time that many minutes before the status. */
export function ago(minutes: number): string {
  return new Date(NOW - minutes * 60_000).toISOString();
}

export function buildNode(node: string, over: Partial<NodeStatus> = {}): NodeStatus {
  const state = over.state ?? "covered";
  const isReady = state === "covered" || state === "outdated";
  return {
    node,
    pool: "win1",
    state,
    level: LEVELS_OF[state] ?? "well",
    hasMetrics: isReady,
    message: `This node is ${NODE_WORDS[state].word}.`,
    since: ago(110),
    healsItself: false,
    published: isReady ? { state: "ready", endpoint: "10.240.0.5:9182" } : { state: "no" },
    ...(isReady ? { package: hashOf("b") } : {}),
    ...over,
  };
}

/** Returns a pool of covered nodes, with other nodes at their end. */
export function buildPool(pool: string, covered: number, others: readonly NodeStatus[] = []): PoolStatus {
  const name = (index: number): string => `aks${pool}${index.toString(36).padStart(6, "0")}`;
  const nodes = [
    ...Array(covered)
      .keys()
      .map((index) => buildNode(name(index), { pool })),
    ...others,
  ];
  return {
    pool,
    level: worstOf(nodes.map(({ level }) => level)),
    scaleSet: `/subscriptions/5b0b/resourcegroups/mc_shop/providers/microsoft.compute/virtualmachinescalesets/aks${pool}`,
    counts: countStates(nodes),
    conditions: [],
    nodes,
  };
}

export function buildProblem(title: string, over: Partial<Problem> = {}): Problem {
  return {
    title,
    level: "trouble",
    message: `${title} for a reason.`,
    since: ago(22),
    healsItself: false,
    nodes: [],
    ...over,
  };
}

export function buildPass(flow: string, over: Partial<PassStatus> = {}): PassStatus {
  return {
    flow,
    level: "well",
    result: "in sync, nothing written",
    cause: "timer",
    startedAt: ago(2),
    endedAt: ago(1),
    requeueAt: ago(-14),
    warnings: [],
    outcomes: [],
    observed: [],
    ...over,
  };
}

export function buildCluster(pools: readonly PoolStatus[], over: Partial<ClusterStatus> = {}): ClusterStatus {
  const nodes = pools.flatMap((pool) => pool.nodes);
  return {
    cluster: CLUSTER_ID,
    name: "shop",
    level: worstOf(pools.map(({ level }) => level)),
    headline: `All ${nodes.length} Windows nodes have metrics`,
    summary: [],
    pauses: [],
    counts: countStates(nodes),
    problems: [],
    pools,
    conditions: [],
    timeline: [],
    passes: [buildPass("extension"), buildPass("endpoints")],
    ...over,
  };
}

export function buildStatus(clusters: readonly ClusterStatus[], over: Partial<Status> = {}): Status {
  return {
    schema: 1,
    at: AT,
    app: { name: "shop-awm", version: "0.2.0", mode: "install" },
    level: worstOf(clusters.map(({ level }) => level)),
    notices: [],
    clusters,
    ...over,
  };
}

function countStates(nodes: readonly NodeStatus[]): NodeCounts {
  return Object.fromEntries(
    [...Map.groupBy(nodes, ({ state }) => state)].map(([state, { length }]) => [state, length]),
  );
}
