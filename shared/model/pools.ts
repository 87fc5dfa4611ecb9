import type { NodePool } from "./cluster.ts";
import type { WindowsNode } from "./node.ts";
import type { ScrapeSource } from "./slice.ts";

/** The node pools that the app manages, from POOLS and SCRAPE_SOURCES; names are in lower case. */
export interface PoolSelection {
  /** Names of the selected pools; undefined selects all Windows pools. */
  readonly pools: ReadonlySet<string> | undefined;
  /** Source by pool; the default is `managed`. */
  readonly sources: ReadonlyMap<string, ScrapeSource>;
}

/** Returns the source of a pool: `off` if POOLS does not select it, else its entry, `managed` by default. */
export function sourceOf(pool: string | undefined, { pools, sources }: PoolSelection): ScrapeSource {
  const name = pool?.toLowerCase() ?? "";
  if (pools && !pools.has(name)) return "off";
  return sources.get(name) ?? "managed";
}

/** Returns whether the app installs the exporter in a pool. */
export function isManaged(pool: string, selection: PoolSelection): boolean {
  return sourceOf(pool, selection) === "managed";
}

/**
 * Returns a node's pool from its label, else from its name: AKS names Windows nodes `aks`, the pool, and six
 * characters.
 */
export function poolOfNode({ pool, name }: Pick<WindowsNode, "pool" | "name">): string | undefined {
  return pool ?? /^aks(.+).{6}$/.exec(name)?.[1];
}

/** Compares two pool names without regard to case, because AKS, the scale set's tag and settings can differ in it. */
export function isSamePool(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Returns the pool with a name, undefined if there is none. */
export function findPool(pools: readonly NodePool[], name: string | undefined): NodePool | undefined {
  return name === undefined ? undefined : pools.find((each) => isSamePool(each.name, name));
}
