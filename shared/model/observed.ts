import type { Cluster, NodePool } from "./cluster.ts";
import type { ExporterStatuses, WindowsNode } from "./node.ts";
import type { ObservedPackages } from "./package.ts";
import type { ScaleSet } from "./scale-set.ts";
import type { Endpoints, EndpointSlice, Service } from "./slice.ts";
import type { EpochMs } from "./time.ts";

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

/** Everything that the endpoints flow's plan looks at; lists are complete, or the pass fails. */
export interface EndpointsObserved {
  readonly at: EpochMs;
  readonly service: Service | undefined;
  /** Nodes with label `kubernetes.io/os=windows`. */
  readonly nodes: readonly WindowsNode[];
  readonly endpoints: Endpoints | undefined;
  /** Every slice of the Service. */
  readonly slices: readonly EndpointSlice[];
  /** Undefined where the extension flow's memory is missing. */
  readonly exporters: ExporterStatuses | undefined;
}
