import type { PoolSelection } from "../model/pools.ts";
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
  readonly selection: PoolSelection;
  readonly objects: "both" | "slices";
  /** From 0 to 1: more of the published addresses are not removed at once. */
  readonly shrinkGuard: number;
}
