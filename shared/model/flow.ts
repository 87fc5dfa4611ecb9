import type { Action, Outcome, Policy } from "./action.ts";
import type { CallFailure } from "./failure.ts";
import type { ClusterId } from "./ids.ts";
import type { Plan } from "./plan.ts";
import type { EpochMs } from "./time.ts";
import type { Since } from "./verdict.ts";

/** What made a pass run. */
export type Cause = "event" | "timer" | "resync" | "request";

/** What a pass was asked for: why, what it may do, and until when. */
export interface PassRequest {
  readonly cause: Cause;
  readonly policy: Policy;
  readonly signal: AbortSignal;
}

/** What the stages of one pass work with; `D` is what the flow needs of the app's dependencies. */
export interface PassContext<D> extends PassRequest {
  readonly cluster: ClusterId;
  readonly deps: D;
  readonly startedAt: EpochMs;
}

/** The part of every flow's memory that the loop itself keeps. */
export interface FlowMemory {
  /** When the last pass began. */
  readonly startedAt: EpochMs;
  /** When the next pass is due. */
  readonly requeueAt: EpochMs;
  /** Passes in a row that a failed call ended. */
  readonly failures: number;
  readonly since: Since;
}

/** Before the first pass. */
export const EMPTY_FLOW_MEMORY: FlowMemory = { startedAt: 0, requeueAt: 0, failures: 0, since: {} };

/**
 * A flow: its stages in the order in which a pass runs them, its limit, and its stored types (memory `M`, observation
 * `O`, action `A`). The loop runs any flow and knows none. Methods, so that flows of different types fit into one list.
 */
export interface Flow<D, M extends FlowMemory = FlowMemory, O = unknown, A extends Action = Action> {
  /** Part of blob names, log lines and reports. */
  readonly name: string;
  /** How long one pass may take, in milliseconds. */
  readonly limitMs: number;
  /** Returns the stored memory; an empty one where it is missing or has another schema. */
  parseMemory(stored: unknown): M;
  /** Forgets the waits that an operator's resync ends. */
  forgetWaits(memory: M): M;
  observe(memory: M, pass: PassContext<D>): Promise<O>;
  recordObservation(memory: M, observed: O, pass: PassContext<D>): M;
  plan(observed: O, memory: M, pass: PassContext<D>): Plan<A>;
  act(actions: readonly A[], pass: PassContext<D>): Promise<readonly Outcome<A>[]>;
  remember(memory: M, plan: Plan<A>, outcomes: readonly Outcome<A>[], now: EpochMs): M;
  /** Describes the observation for people, one line per thing. */
  summarize(observed: O): readonly string[];
}

/** What one pass observed, decided and did. */
export interface Report {
  readonly cluster: ClusterId;
  /** The flow's name. */
  readonly flow: string;
  readonly cause: Cause;
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs;
  /** For people, one line per thing. */
  readonly observed: readonly string[];
  readonly plan: Plan;
  readonly outcomes: readonly Outcome[];
  /** The call that ended the pass early. */
  readonly failure?: CallFailure;
}

/** The report of a pass; `busy`: another worker holds the lease; `superseded`: a later pass has answered the request. */
export type PassResult = Report | "busy" | "superseded";

/** The result of one cluster's pass, or why there is none. */
export type ClusterResult =
  | { readonly cluster: ClusterId; readonly result: PassResult }
  | { readonly cluster: ClusterId; readonly failure: CallFailure };
