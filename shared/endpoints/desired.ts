import type { PoolSelection } from "../model/pools.ts";
import type { ScrapeSource } from "../model/slice.ts";

/**
 * Port of the exporter by source: windows_exporter's default is 9182, AKS's own listens on 19182 (AKS release
 * 2025-09-21).
 */
export const EXPORTER_PORTS: Readonly<Record<Exclude<ScrapeSource, "off">, number>> = {
  managed: 9182,
  native: 19182,
  external: 9182,
};

/** Desired state of every cluster's endpoints, from the app settings. */
export interface EndpointsDesired {
  /** Value of the owner label on this app's objects. */
  readonly owner: string;
  readonly namespace: string;
  readonly selection: PoolSelection;
  readonly objects: "both" | "slices";
  /**
   * Largest share of the published addresses, from 0 to 1, that a single pass may remove without a second one
   * confirming it.
   */
  readonly shrinkGuard: number;
  /** Whether an operator asked this pass to take over the objects of another owner or field manager. */
  readonly adopts?: boolean;
}
