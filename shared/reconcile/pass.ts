import { describeFailure } from "../clients/errors.ts";
import type { Lease } from "../clients/storage/lease.ts";
import type { Records } from "../clients/storage/records.ts";
import type { Outcome } from "../model/action.ts";
import type { CallFailure } from "../model/failure.ts";
import type { Flow, FlowMemory, PassContext, Report } from "../model/flow.ts";
import type { Plan } from "../model/plan.ts";
import { type EpochMs, SECOND_MS } from "../model/time.ts";
import { sinceOf } from "../model/verdict.ts";
import { failedPassWaitMs } from "../model/waits.ts";
import { blobName, type PassTarget, readMemory } from "./blobs.ts";

/** Memory and report are still written when the pass's own time is up. */
const WRITE_WITHIN_MS = 10 * SECOND_MS;

type StorageDeps = { readonly records: Records; readonly now: () => EpochMs };

/**
 * Observe, plan, act, remember, report. A failed call ends the pass and becomes part of its report; until the lease is
 * lost, the pass writes down what it did.
 */
export async function runPass<D>(flow: Flow<D>, pass: PassContext<D & StorageDeps>, lease: Lease): Promise<Report> {
  const { cluster, deps, startedAt } = pass;
  const target = { flow, cluster };
  const stored = await openMemory(target, deps, lease);
  let memory = { ...load(flow, pass, stored.value), startedAt };
  let report = emptyReport(flow, pass);
  try {
    const observed = await flow.observe(memory, pass);
    memory = { ...flow.recordObservation(memory, observed, pass), startedAt };
    const plan = flow.plan(observed, memory, pass);
    report = { ...report, observed: flow.summarize(observed), plan };
    // A crash after this point must not lose the observation: once something is changed it cannot be made again.
    if (plan.actions.length > 0) await stored.write(settle(flow.remember(memory, plan, [], deps.now()), plan));
    const outcomes = await flow.act(plan.actions, pass);
    memory = settle(flow.remember(memory, plan, outcomes, deps.now()), plan);
    report = { ...report, outcomes };
  } catch (error) {
    const failure = describeFailure(error);
    memory = settleFailure(memory, failure);
    report = { ...report, failure };
  }
  await stored.write(memory);
  report = { ...report, endedAt: deps.now() };
  await deps.records.write(blobName("reports", target), report, "any", writing(lease));
  return report;
}

/** Plans as a pass would; takes no lease and writes nothing anywhere. */
export async function previewPass<D>(flow: Flow<D>, pass: PassContext<D & StorageDeps>): Promise<Report> {
  const { cluster, deps, startedAt, policy, signal } = pass;
  const memory = load(flow, pass, await readMemory(deps.records, { flow, cluster }, signal));
  const observed = await flow.observe(memory, pass);
  const plan = flow.plan(observed, flow.recordObservation(memory, observed, pass), pass);
  const outcomes = plan.actions.map((action): Outcome => ({
    action,
    status: "withheld",
    at: startedAt,
    reason: policy(action) ?? "dry-run",
  }));
  return { ...emptyReport(flow, pass), observed: flow.summarize(observed), plan, outcomes, endedAt: deps.now() };
}

function settle(memory: FlowMemory, { requeueAt, verdicts }: Plan): FlowMemory {
  return { ...memory, requeueAt, failures: 0, since: sinceOf(verdicts) };
}

function settleFailure(memory: FlowMemory, { retryAfterMs = 0 }: CallFailure): FlowMemory {
  const failures = memory.failures + 1;
  const waitMs = Math.max(retryAfterMs, failedPassWaitMs(failures));
  return { ...memory, failures, requeueAt: memory.startedAt + waitMs };
}

/** An operator who asks by hand has mended something. */
function load<D>(flow: Flow<D>, { cause }: PassContext<D>, stored: unknown): FlowMemory {
  const memory = flow.parseMemory(stored);
  return cause === "resync" ? flow.forgetWaits(memory) : memory;
}

/** Memory under the lease: each write replaces exactly the version that was read or written last. */
async function openMemory(target: PassTarget, { records }: StorageDeps, lease: Lease) {
  const name = blobName("memory", target);
  const stored = await records.read(name, lease.signal);
  let etag = stored?.etag;
  return {
    value: stored?.value,
    write: async (memory: unknown): Promise<void> => {
      etag = await records.write(name, memory, etag === undefined ? "absent" : { etag }, writing(lease));
    },
  };
}

function writing(lease: Lease): AbortSignal {
  return AbortSignal.any([lease.signal, AbortSignal.timeout(WRITE_WITHIN_MS)]);
}

function emptyReport<D>({ name: flow }: Flow<D>, { cluster, cause, startedAt }: PassContext<D>): Report {
  const plan = { actions: [], verdicts: [], requeueAt: startedAt };
  return { cluster, flow, cause, startedAt, endedAt: startedAt, observed: [], plan, outcomes: [] };
}
