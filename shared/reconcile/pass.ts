import { describeFailure } from "../clients/errors.ts";
import type { Action, Outcome } from "../model/action.ts";
import type { CallFailure } from "../model/failure.ts";
import type { Flow, Report } from "../model/flow.ts";
import type { ClusterId } from "../model/ids.ts";
import type { Plan } from "../model/plan.ts";
import type { EpochMs } from "../model/time.ts";
import type { PassRequest, Turn } from "./exclusive.ts";

/** What every flow's memory holds. */
interface Memory {
  readonly startedAt: EpochMs;
}

/** When something happens, and until when it may go on. */
interface Moment {
  readonly at: EpochMs;
  readonly signal: AbortSignal;
}

/** One flow, stage by stage, in the order in which they run. */
export interface Stages<M extends Memory, O, A extends Action> {
  readonly flow: Flow;
  /** The stored memory; one that is lost, or of another schema, is an empty one. */
  load(stored: unknown, cause: PassRequest["cause"]): M;
  observe(memory: M, moment: Moment): Promise<O>;
  /** Adds what was seen to memory. */
  notice(memory: M, observed: O): M;
  plan(observed: O, memory: M): Plan<A>;
  act(actions: readonly A[], request: PassRequest): Promise<readonly Outcome<A>[]>;
  remember(memory: M, plan: Plan<A>, outcomes: readonly Outcome<A>[], now: EpochMs): M;
  rememberFailure(memory: M, failure: CallFailure, now: EpochMs): M;
  /** What was seen, in words. */
  summarize(observed: O): readonly string[];
}

interface Where {
  readonly cluster: ClusterId;
  readonly now: () => EpochMs;
}

/** Observe, plan, act, remember, report. A failure ends the pass and becomes part of its report. */
export async function runPass<M extends Memory, O, A extends Action>(
  stages: Stages<M, O, A>,
  { cluster, now }: Where,
  turn: Turn,
): Promise<Report> {
  const startedAt = now();
  let memory: M = { ...stages.load(turn.memory.value, turn.cause), startedAt };
  let report = emptyReport(stages, cluster, turn, startedAt);
  try {
    const observed = await stages.observe(memory, { at: startedAt, signal: turn.signal });
    memory = stages.notice(memory, observed);
    const plan = stages.plan(observed, memory);
    report = { ...report, observed: stages.summarize(observed), plan };
    // What was seen is written down before anything is changed: after a crash it could not be seen again.
    if (plan.actions.length > 0) await turn.memory.save(stages.remember(memory, plan, [], now()));
    const outcomes = await stages.act(plan.actions, turn);
    memory = stages.remember(memory, plan, outcomes, now());
    report = { ...report, outcomes };
  } catch (error) {
    const failure = describeFailure(error);
    memory = stages.rememberFailure(memory, failure, startedAt);
    report = { ...report, failure };
  }
  await turn.memory.save(memory);
  report = { ...report, endedAt: now() };
  await turn.saveReport(report);
  return report;
}

/** Plans as a pass would; takes no lease and writes nothing anywhere. */
export async function previewPass<M extends Memory, O, A extends Action>(
  stages: Stages<M, O, A>,
  { cluster, now }: Where,
  request: PassRequest,
  stored: unknown,
): Promise<Report> {
  const startedAt = now();
  const loaded = stages.load(stored, request.cause);
  const observed = await stages.observe(loaded, { at: startedAt, signal: request.signal });
  const plan = stages.plan(observed, stages.notice(loaded, observed));
  const outcomes = plan.actions.map((action): Outcome => {
    return { action, status: "withheld", at: startedAt, reason: request.policy(action) ?? "dry-run" };
  });
  const report = emptyReport(stages, cluster, request, startedAt);
  return { ...report, observed: stages.summarize(observed), plan, outcomes, endedAt: now() };
}

function emptyReport(
  { flow }: { readonly flow: Flow },
  cluster: ClusterId,
  { cause }: PassRequest,
  startedAt: EpochMs,
): Report {
  const plan = { actions: [], verdicts: [], requeueAt: startedAt };
  return { cluster, flow, cause, startedAt, endedAt: startedAt, observed: [], plan, outcomes: [] };
}
