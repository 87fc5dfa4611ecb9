import * as v from "valibot";
import type { Action, Outcome, Policy } from "./action.ts";
import type { CallFailure } from "./failure.ts";
import type { ClusterId } from "./ids.ts";
import type { Measurement } from "./measurement.ts";
import type { Plan } from "./plan.ts";
import type { Cause, Report } from "./report.ts";
import { byId, count, epochMs, maybe } from "./schema.ts";
import type { EpochMs } from "./time.ts";
import { storedTimeline, type TimelineEvent } from "./timeline.ts";
import { storedTotals, type Totals } from "./totals.ts";
import type { Since } from "./verdict.ts";

/** Arguments of a pass: its cause, the policy on its actions, and the signal that aborts it. */
export interface PassRequest {
  readonly cause: Cause;
  readonly policy: Policy;
  readonly signal: AbortSignal;
  /** Whether to take over what another owner has, in all pools or in one. */
  readonly adopt?: { readonly pool: string | undefined };
  /** Whether to end the holds on packages and upgrades, in all pools or in one. */
  readonly release?: { readonly pool: string | undefined };
}

/** Context of a pass that its stages receive; `D` is the part of the app's dependencies that the flow uses. */
export interface PassContext<D> extends PassRequest {
  readonly cluster: ClusterId;
  readonly deps: D;
  readonly startedAt: EpochMs;
}

/** Fields of every flow's memory that `reconcile` maintains. */
export const FLOW_MEMORY_FIELDS = {
  /** When the last pass began. */
  startedAt: epochMs,
  /** When the next pass is due; a time that no plan may ask for is ignored. */
  requeueAt: v.number(),
  /** Number of consecutive passes that a failed call ended. */
  failures: count,
  /** When the first of them began. */
  failingSince: maybe(epochMs),
  since: byId(epochMs),
  /** What happened, the latest last. */
  timeline: storedTimeline,
  /** Numbers of actions by their outcome. */
  totals: storedTotals,
};

/** The part of a flow's memory that `reconcile` reads. */
export interface FlowMemory {
  readonly startedAt: EpochMs;
  readonly requeueAt: EpochMs;
  readonly failures: number;
  readonly failingSince: EpochMs | undefined;
  readonly since: Since;
  readonly timeline: readonly TimelineEvent[];
  readonly totals: Totals;
}

/** Memory before the first pass. */
export const EMPTY_FLOW_MEMORY: FlowMemory = {
  startedAt: 0,
  requeueAt: 0,
  failures: 0,
  failingSince: undefined,
  since: {},
  timeline: [],
  totals: [],
};

/**
 * A flow: its stages in the order in which a pass runs them, its time limit, and its types (memory `M`, observation
 * `O`, action `A`). `reconcile` runs any flow. The stages are methods, because method parameters are bivariant: flows
 * of different types then fit into one list.
 */
export interface Flow<D, M extends FlowMemory = FlowMemory, O = unknown, A extends Action = Action> {
  /** The name in blob names, log lines and reports. */
  readonly name: string;
  /** Time limit of one pass. */
  readonly limitMs: number;
  /** Number of clusters to process at a time; undefined: CLUSTER_CONCURRENCY. */
  readonly concurrency?: number;
  /** Memory before the first pass. */
  readonly emptyMemory: M;
  /** Returns a stored memory; undefined if it does not have this version's schema. */
  parseMemory(stored: unknown): M | undefined;
  /** Returns memory without the waits that an operator's resync ends. */
  forgetWaits(memory: M): M;
  observe(memory: M, pass: PassContext<D>): Promise<O>;
  recordObservation(memory: M, observed: O, pass: PassContext<D>): M;
  /** Returns the names of the flows that should run soon, because of what the pass recorded. */
  requestedFlows?(before: M, after: M): readonly string[];
  plan(observed: O, memory: M, pass: PassContext<D>): Plan<A>;
  act(actions: readonly A[], pass: PassContext<D>): Promise<readonly Outcome<A>[]>;
  remember(memory: M, plan: Plan<A>, outcomes: readonly Outcome<A>[], now: EpochMs): M;
  /** Returns what a memory tells for the app's metrics. */
  measure?(memory: M): readonly Measurement[];
  /** Describes the observation for the status page, one line per item. */
  summarize(observed: O): readonly string[];
}

/**
 * The report of a pass, or why none ran: another worker holds the lease (`busy`), or a later pass has already served
 * the request (`superseded`).
 */
export type PassResult = Report | "busy" | "superseded";

/** Result of one cluster's pass, or the call that failed before there was one. */
export type ClusterResult =
  | { readonly cluster: ClusterId; readonly result: PassResult }
  | { readonly cluster: ClusterId; readonly failure: CallFailure };
