import type { NodePool } from "./cluster.ts";
import type { WindowsNode } from "./node.ts";
import type { ScrapeSource } from "./slice.ts";

/** The node pools that the app manages, from POOLS, SCRAPE_SOURCES and UNINSTALL_POOLS; names are in lower case. */
export interface PoolSelection {
  /** Names of the selected pools; undefined selects all Windows pools. */
  readonly pools: ReadonlySet<string> | undefined;
  /** Source by pool; the default is `managed`. */
  readonly sources: ReadonlyMap<string, ScrapeSource>;
  /** The pools from which the app removes the exporter. */
  readonly uninstall: ReadonlySet<string> | "all";
}

/**
 * Returns the source of a pool: `off` if POOLS does not select it or UNINSTALL_POOLS does, else its entry, `managed` by
 * default.
 */
export function sourceOf(pool: string | undefined, selection: PoolSelection): ScrapeSource {
  const { pools, sources } = selection;
  const name = pool?.toLowerCase() ?? "";
  if ((pools && !pools.has(name)) || isUninstalling(pool, selection)) return "off";
  return sources.get(name) ?? "managed";
}

/** Returns whether the app installs the exporter in a pool. */
export function isManaged(pool: string, selection: PoolSelection): boolean {
  return sourceOf(pool, selection) === "managed";
}

/** Returns whether the app removes the exporter from a pool. */
export function isUninstalling(pool: string | undefined, { uninstall }: PoolSelection): boolean {
  return uninstall === "all" || uninstall.has(pool?.toLowerCase() ?? "");
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
