import type { ScrapeSource } from "../model/slice.ts";

/** Our own exporter and others' listen on the exporter's usual port, AKS's own on 19182 (AKS release 2025-09-21). */
export const PORT_OF: Readonly<Record<Exclude<ScrapeSource, "off">, number>> = {
  managed: 9182,
  native: 19182,
  external: 9182,
};

/** What the operator wants of every cluster's endpoints, from the app settings. */
export interface EndpointsDesired {
  /** Value of the owner label on our objects. */
  readonly owner: string;
  readonly namespace: string;
  /** Pool names; undefined means all Windows pools. */
  readonly pools: ReadonlySet<string> | undefined;
  /** By pool name in lower case; a pool that is not named is `managed`. */
  readonly sources: Readonly<Record<string, ScrapeSource>>;
  readonly objects: "both" | "slices";
  /** From 0 to 1: more of the published addresses are not removed at once. */
  readonly shrinkGuard: number;
}

/** The source of a pool; outside of the pool filter nothing is published. */
export function sourceOf(pool: string | undefined, desired: EndpointsDesired): ScrapeSource {
  const name = pool?.toLowerCase() ?? "";
  if (desired.pools && !desired.pools.has(name)) return "off";
  return desired.sources[name] ?? "managed";
}
