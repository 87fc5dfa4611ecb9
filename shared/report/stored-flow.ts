import type { CallFailure } from "../model/failure.ts";
import type { ClusterId } from "../model/ids.ts";
import type { Measurement } from "../model/measurement.ts";
import type { FoundPauses } from "../model/pauses.ts";
import { lastObserved, type ObservedReport, type Report } from "../model/report.ts";
import type { EpochMs } from "../model/time.ts";
import type { TimelineEvent } from "../model/timeline.ts";
import type { Totals } from "../model/totals.ts";

/** The last report of a flow, or why there is none to show. */
export type FoundReport = Report | "none" | "unknown-shape" | { readonly unread: CallFailure };

/** What is stored of one flow of a cluster. */
export interface StoredFlow {
  readonly flow: string;
  readonly report: FoundReport;
  /** Undefined means the next tick of the timer. */
  readonly requeueAt: EpochMs | undefined;
  /** Whether a pass was requested; the next tick of the timer runs it. */
  readonly isRequested: boolean;
  /** When the last pass began, if the next one is overdue. */
  readonly overdueSince: EpochMs | undefined;
  /** The blob of the lease, if a request has been open for so long that no worker serves it. */
  readonly unservedLease: string | undefined;
  /** When the first of the consecutive failed passes began. */
  readonly failingSince: EpochMs | undefined;
  readonly timeline: readonly TimelineEvent[];
  readonly totals: Totals;
  /** When the next pass or the next record of a flow at rest is due; 0 before the first pass. */
  readonly dueAt: EpochMs;
  readonly measurements: readonly Measurement[];
}

/** What is stored of a flow that has never run, without its report. */
export const NOTHING_STORED: Omit<StoredFlow, "flow" | "report"> = {
  requeueAt: undefined,
  isRequested: false,
  overdueSince: undefined,
  unservedLease: undefined,
  failingSince: undefined,
  timeline: [],
  totals: [],
  dueAt: 0,
  measurements: [],
};

export interface StoredCluster {
  readonly cluster: ClusterId;
  readonly flows: readonly StoredFlow[];
  readonly pauses: FoundPauses;
}

/** Returns the last report; undefined if there is none that can be read. */
export function reportOf({ report }: Pick<StoredFlow, "report">): Report | undefined {
  return typeof report === "object" && "plan" in report ? report : undefined;
}

/** Returns why the last report cannot be read; undefined if it can, or if there is none. */
export function unreadFailure({ report }: Pick<StoredFlow, "report">): CallFailure | undefined {
  return typeof report === "object" && "unread" in report ? report.unread : undefined;
}

/** Returns the last report of each flow whose pass observed the cluster. */
export function observations(flows: readonly StoredFlow[]): readonly ObservedReport[] {
  return flows.flatMap((flow) => {
    const report = reportOf(flow);
    const observed = report && lastObserved(report);
    return observed ? [observed] : [];
  });
}
