import { byText } from "../../model/order.ts";
import { byLevel } from "../levels.ts";
import type { ClusterStatus, NodeStatus, PoolStatus } from "../status.ts";

/** A node with the id of its row, which is unique in the page. */
export interface NumberedNode {
  readonly id: string;
  readonly node: NodeStatus;
}

/** A pool with its nodes by name. */
export interface NumberedPool {
  readonly pool: PoolStatus;
  readonly nodes: readonly NumberedNode[];
}

/** Returns the pools of a cluster, trouble first. IDs are numbers because a node's name can be any text. */
export function numberPools({ pools }: ClusterStatus, cluster: number): readonly NumberedPool[] {
  return pools
    .map((pool, index) => ({
      pool,
      nodes: pool.nodes
        .toSorted(byText(({ node }) => node))
        .map((node, at) => ({ id: `c${cluster}p${index}n${at}`, node })),
    }))
    .toSorted((a, b) => byLevel(a.pool, b.pool));
}

/** Returns the IDs of the rows by the names of the nodes. */
export function idsByName(pools: readonly NumberedPool[]): ReadonlyMap<string, string> {
  return new Map(pools.flatMap(({ nodes }) => nodes.map(({ id, node }) => [node.node, id] as const)));
}
