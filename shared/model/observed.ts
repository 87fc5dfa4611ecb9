import type { Cluster, NodePool } from "./cluster.ts";
import type { CallFailure } from "./failure.ts";
import type { ExporterStatuses, NodeFacts, WindowsNodes } from "./node.ts";
import type { ObservedPackages } from "./package.ts";
import type { FoundPauses } from "./pauses.ts";
import type { ScaleSet, ScaleSetModel } from "./scale-set.ts";
import type { Endpoints, EndpointSlice, Service } from "./slice.ts";
import type { EpochMs } from "./time.ts";

/** Observed state for a plan of the extension flow, read once before the pass changes anything. */
export interface ExtensionObserved {
  readonly at: EpochMs;
  /** Undefined if the cluster does not exist. */
  readonly cluster: Cluster | undefined;
  readonly pools: readonly NodePool[];
  /** The cluster's Windows scale sets with all their instances. */
  readonly scaleSets: readonly ScaleSet[];
  /** Those whose instances could not be listed completely. */
  readonly unreadable: readonly UnreadableScaleSet[];
  readonly packages: ObservedPackages;
  /** Facts of the Windows nodes; undefined if the endpoints flow has none, or none that are recent. */
  readonly nodes: NodeFacts | undefined;
  readonly pauses: FoundPauses;
}

/** A scale set whose instances could not be listed; without a failure, the pass left it out because it has to wait. */
export interface UnreadableScaleSet {
  readonly model: ScaleSetModel;
  readonly failure: CallFailure | undefined;
}

/** Observed state for a plan of the endpoints flow. Its lists are complete; a list that fails ends the pass. */
export interface EndpointsObserved extends WindowsNodes {
  readonly at: EpochMs;
  readonly service: Service | undefined;
  readonly endpoints: Endpoints | undefined;
  /** All slices of the Service, those of other controllers too. */
  readonly slices: readonly EndpointSlice[];
  /** Undefined if the extension flow's memory is missing. */
  readonly exporters: ExporterStatuses | undefined;
}
