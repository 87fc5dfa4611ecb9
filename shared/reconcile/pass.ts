import { describeFailure } from "../clients/errors.ts";
import type { Lease } from "../clients/storage/lease.ts";
import type { Outcome } from "../model/action.ts";
import type { CallFailure } from "../model/failure.ts";
import type { Flow, FlowMemory, PassContext } from "../model/flow.ts";
import type { Plan } from "../model/plan.ts";
import {
  lastObserved,
  type OutcomeSummary,
  parseReport,
  type Report,
  summarizeAction,
  summarizeOutcome,
  withOutcomes,
} from "../model/report.ts";
import { SECOND_MS } from "../model/time.ts";
import { addEvents, type TimelineEvent } from "../model/timeline.ts";
import { addOutcomes } from "../model/totals.ts";
import { sinceOf, type Verdict } from "../model/verdict.ts";
import { failedPassWaitMs } from "../model/waits.ts";
import { isAtRest } from "./at-rest.ts";
import { blobName, readMemory, type StorageDeps, type StoredMemory } from "./blobs.ts";
import { requestPass } from "./requests.ts";
import { verdictEvents } from "./verdict-events.ts";

/** Memory and report are still written when the pass's own time is up. */
const WRITE_WITHIN_MS = 10 * SECOND_MS;

/** A pass before it acts: what it observed and planned, from which version of memory. */
export interface PreparedPass {
  readonly stored: StoredMemory;
  /** With the observation. */
  readonly memory: FlowMemory;
  /** Undefined if a failed call ended the pass. */
  readonly plan: Plan | undefined;
  readonly report: Report;
}

/** Observes and plans. Takes no lease and writes nothing; a failed call becomes part of the report. */
export async function preparePass<D>(flow: Flow<D>, pass: PassContext<D & StorageDeps>): Promise<PreparedPass> {
  const { cluster, cause, deps, startedAt, signal } = pass;
  const stored = await readMemory(deps.records, { flow, cluster }, signal);
  // An operator who asks for a resync has removed the causes of waits.
  const known = cause === "resync" ? flow.forgetWaits(stored.memory) : stored.memory;
  const memory = { ...known, startedAt };
  const report = emptyReport(flow, pass, stored);
  try {
    const observed = await flow.observe(memory, pass);
    const recorded = { ...flow.recordObservation(memory, observed, pass), startedAt };
    const plan = flow.plan(observed, recorded, pass);
    return {
      stored,
      memory: recorded,
      plan,
      report: { ...report, observed: flow.summarize(observed), plan: summarizePlan(plan) },
    };
  } catch (error) {
    return { stored, memory, plan: undefined, report: { ...report, failure: describeFailure(error) } };
  }
}

/** Returns whether a prepared pass can end here: nothing to do, and nothing to remember but the present time. */
export function endsAtRest<D>(flow: Flow<D>, { stored, memory, plan }: PreparedPass): boolean {
  if (!plan || plan.actions.length > 0 || stored.isLost) return false;
  if (flow.requestedFlows?.(stored.memory, memory).length) return false;
  return isAtRest(stored.memory, settle(flow.remember(memory, plan, [], memory.startedAt), plan));
}

/** Acts, remembers and reports, under the lease: a pass that loses it writes nothing more. */
export async function completePass<D>(
  flow: Flow<D>,
  pass: PassContext<D & StorageDeps>,
  { stored, memory, plan, report: prepared }: PreparedPass,
  lease: Lease,
): Promise<Report> {
  const { cluster, deps } = pass;
  const target = { flow, cluster };
  const writing = (): AbortSignal => {
    lease.signal.throwIfAborted();
    return AbortSignal.any([lease.signal, AbortSignal.timeout(WRITE_WITHIN_MS)]);
  };
  let etag = stored.etag;
  const remember = async (value: FlowMemory): Promise<void> => {
    const expected = etag === undefined ? "absent" : { etag };
    etag = await deps.records.write(blobName("memory", target), value, expected, writing());
  };
  let report = prepared;
  let outcomes: readonly Outcome[] = [];
  let remembered = memory;
  try {
    if (plan) {
      // A crash after this point must not lose the observation: once something is changed it cannot be made again.
      if (plan.actions.length > 0) {
        remembered = flow.remember(memory, plan, [], deps.now());
        await remember(settle(remembered, plan));
      }
      outcomes = await flow.act(plan.actions, pass);
      report = reportOutcomes(report, outcomes);
    }
  } catch (error) {
    report = { ...report, failure: describeFailure(error) };
  }
  const { failure } = report;
  for (const name of flow.requestedFlows?.(stored.memory, memory) ?? []) {
    await requestPass(deps, { flow: { name }, cluster }, "request", writing());
  }
  const isDone = plan !== undefined && failure === undefined;
  const settled = isDone
    ? settle(flow.remember(memory, plan, outcomes, deps.now()), plan, report.plan.verdicts)
    : settleFailure(remembered, failure);
  await remember({ ...settled, totals: addOutcomes(settled.totals, report.outcomes) });
  const name = blobName("reports", target);
  report = await withLastObserved(
    { ...report, endedAt: deps.now() },
    async () => (await deps.records.read(name, writing()))?.value,
  );
  await deps.records.write(name, report, "any", writing());
  return report;
}

/** Returns the report of a pass that every policy withholds. */
export async function previewReport(
  { report, memory, plan }: PreparedPass,
  { policy, deps }: PassContext<StorageDeps>,
): Promise<Report> {
  const outcomes: OutcomeSummary[] = [];
  for (const action of plan?.actions ?? []) {
    const reason = (await policy(action)) ?? "dry-run";
    outcomes.push(summarizeOutcome({ action, status: "withheld", at: memory.startedAt, reason }));
  }
  return { ...report, outcomes, endedAt: deps.now() };
}

function reportOutcomes(report: Report, outcomes: readonly Outcome[]): Report {
  const summaries = outcomes.map(summarizeOutcome);
  return {
    ...report,
    plan: { ...report.plan, verdicts: withOutcomes(report.plan.verdicts, summaries) },
    outcomes: summaries,
  };
}

function summarizePlan({ actions, verdicts, requeueAt }: Plan): Report["plan"] {
  return { actions: actions.map(summarizeAction), verdicts, requeueAt };
}

/** `told` are the verdicts after the actions: what a policy withheld or a service refused is an event. */
function settle(memory: FlowMemory, { requeueAt, verdicts }: Plan, told: readonly Verdict[] = verdicts): FlowMemory {
  const { startedAt: at, failingSince: since, timeline } = memory;
  const recovered: readonly TimelineEvent[] = since === undefined ? [] : [{ at, kind: "pass-recovered", since }];
  const events = [...recovered, ...verdictEvents(memory, told, at)];
  return {
    ...memory,
    requeueAt,
    failures: 0,
    failingSince: undefined,
    since: sinceOf(verdicts),
    timeline: addEvents(timeline, events),
  };
}

function settleFailure(memory: FlowMemory, failure: CallFailure | undefined): FlowMemory {
  const { startedAt: at, failingSince, timeline } = memory;
  const failures = memory.failures + 1;
  const waitMs = Math.max(failure?.retryAfterMs ?? 0, failedPassWaitMs(failures));
  const event: TimelineEvent = { at, kind: "pass-failed", message: failure?.message ?? "" };
  return {
    ...memory,
    failures,
    failingSince: failingSince ?? at,
    requeueAt: at + waitMs,
    timeline: failingSince === undefined ? addEvents(timeline, [event]) : timeline,
  };
}

/** Returns the report of a pass that could not observe, with the last one of a pass that did. */
async function withLastObserved(report: Report, read: () => Promise<unknown>): Promise<Report> {
  if (lastObserved(report)) return report;
  const before = parseReport(await read());
  const kept = before && lastObserved(before);
  return kept ? { ...report, lastObserved: kept } : report;
}

function emptyReport<D>(
  { name: flow }: Flow<D>,
  { cluster, cause, startedAt }: PassContext<D>,
  { isLost }: StoredMemory,
): Report {
  const plan = { actions: [], verdicts: [], requeueAt: startedAt };
  const warnings = isLost ? ["The stored memory cannot be read. The app continues without it and replaces it."] : [];
  return { cluster, flow, cause, startedAt, endedAt: startedAt, warnings, observed: [], plan, outcomes: [] };
}
