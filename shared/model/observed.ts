import type { Cluster, NodePool } from "./cluster.ts";
import type { ObservedPackages } from "./package.ts";
import type { EpochMs } from "./plan.ts";
import type { ScaleSet } from "./scale-set.ts";

/** Everything that the extension flow's plan looks at, read once, before anything is changed. */
export interface ExtensionObserved {
  readonly at: EpochMs;
  /** Undefined: the cluster is gone. */
  readonly cluster: Cluster | undefined;
  readonly pools: readonly NodePool[];
  /** The cluster's Windows scale sets with their instances, complete: a list that failed fails the pass. */
  readonly scaleSets: readonly ScaleSet[];
  readonly packages: ObservedPackages;
}
