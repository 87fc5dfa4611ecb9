import type { NodePool } from "./cluster.ts";
import type { WindowsNode } from "./node.ts";
import type { ScrapeSource } from "./slice.ts";

/** Which node pools the app takes care of, from POOLS and SCRAPE_SOURCES; names are in lower case. */
export interface PoolSelection {
  /** Undefined means all Windows pools. */
  readonly pools: ReadonlySet<string> | undefined;
  /** A pool that is not in it is `managed`. */
  readonly sources: ReadonlyMap<string, ScrapeSource>;
}

/** Returns the source of a pool: `off` outside of the filter, `managed` by default. */
export function sourceOf(pool: string | undefined, { pools, sources }: PoolSelection): ScrapeSource {
  const name = pool?.toLowerCase() ?? "";
  if (pools && !pools.has(name)) return "off";
  return sources.get(name) ?? "managed";
}

/** Whether a pool gets the extension: in the filter, and its exporter ours to install. */
export function isManaged(pool: string, selection: PoolSelection): boolean {
  return sourceOf(pool, selection) === "managed";
}

/** Returns a node's pool, by its label, else by its name: AKS names Windows nodes `aks`, the pool, and six characters. */
export function poolOfNode({ pool, name }: Pick<WindowsNode, "pool" | "name">): string | undefined {
  return pool ?? /^aks(.+).{6}$/.exec(name)?.[1];
}

/** Whether two names are of one pool; AKS, the scale set's tag and the operator may differ in case. */
export function isSamePool(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Returns the pool of that name. */
export function findPool(pools: readonly NodePool[], name: string | undefined): NodePool | undefined {
  return name === undefined ? undefined : pools.find((each) => isSamePool(each.name, name));
}
