import { describeFailure } from "./clients/errors.ts";
import type { Dependencies } from "./dependencies.ts";
import { actExtension } from "./extension/act.ts";
import { EMPTY_MEMORY, type ExtensionMemory, isMemory } from "./extension/memory.ts";
import { notice } from "./extension/notice.ts";
import { observeExtension } from "./extension/observe.ts";
import { planExtension } from "./extension/plan.ts";
import { forgetBackOffs, remember } from "./extension/remember.ts";
import type { CallFailure, EpochMs, Outcome, Report } from "./model/plan.ts";
import type { ClusterId } from "./model/resource-id.ts";
import { summarize } from "./report/summarize.ts";
import { type PassRequest, readMemory, takeTurn, type Turn, type TurnResult } from "./turn.ts";

const MINUTE_MS = 60_000;
/** A pass ends itself: a function that overruns its time would end the worker, and every other pass in it. */
const EXTENSION_LIMIT_MS = 4 * MINUTE_MS;

/** The extension flow of one cluster: lease, memory, observe, plan, act, remember, report. */
export function reconcileExtension(cluster: ClusterId, deps: Dependencies, request: PassRequest): Promise<TurnResult> {
  const bounded = { ...request, means: deps, limitMs: EXTENSION_LIMIT_MS };
  return takeTurn(cluster, "extension", bounded, (turn) => passExtension(cluster, deps, turn));
}

/** Plans as a pass would; takes no lease and writes nothing anywhere. */
export async function previewExtension(cluster: ClusterId, deps: Dependencies, request: PassRequest): Promise<Report> {
  const { records, desired, now } = deps;
  const startedAt = now();
  const stored = asMemory(await readMemory(records, cluster, "extension", request.signal));
  const observed = await observeExtension(cluster, deps, stored, { at: startedAt, signal: request.signal });
  const memory = forgetBackOffs(notice(stored, observed, desired.owner));
  const plan = planExtension(cluster, desired, observed, memory);
  const outcomes = plan.actions.map((action): Outcome => {
    return { action, status: "withheld", at: startedAt, because: request.policy(action) ?? "dry-run" };
  });
  const { cause } = request;
  return {
    cluster,
    flow: "extension",
    cause,
    startedAt,
    endedAt: now(),
    observed: summarize(observed),
    plan,
    outcomes,
  };
}

async function passExtension(cluster: ClusterId, deps: Dependencies, turn: Turn): Promise<Report> {
  const { desired, now } = deps;
  const { cause, signal } = turn;
  const startedAt = now();
  const stored = asMemory(turn.memory.value);
  let memory: ExtensionMemory = { ...(cause === "resync" ? forgetBackOffs(stored) : stored), startedAt };
  let report: Report = {
    ...{ cluster, flow: "extension", cause, startedAt, endedAt: startedAt },
    ...{ observed: [], plan: { actions: [], verdicts: [], lookAgainAt: startedAt }, outcomes: [] },
  };
  try {
    const observed = await observeExtension(cluster, deps, memory, { at: startedAt, signal });
    memory = notice(memory, observed, desired.owner);
    const plan = planExtension(cluster, desired, observed, memory);
    report = { ...report, observed: summarize(observed), plan };
    // What was seen is written down before anything is changed: after a crash it could not be seen again.
    await turn.memory.save(remember(memory, plan, []));
    const outcomes = await actExtension(plan.actions, { ...deps, cluster, policy: turn.policy, signal });
    memory = remember(memory, plan, outcomes);
    report = { ...report, outcomes };
  } catch (error) {
    const failure = describeFailure(error);
    memory = { ...memory, lookAgainAt: startedAt + retryIn(failure) };
    report = { ...report, failure };
  }
  await turn.memory.save(memory);
  report = { ...report, endedAt: now() };
  await turn.saveReport(report);
  return report;
}

/** A pass that failed is tried again: a grant takes longer than a hiccup. */
function retryIn({ fault, retryAfterMs = 0 }: CallFailure): EpochMs {
  return Math.max(retryAfterMs, fault === "denied" ? 5 * MINUTE_MS : MINUTE_MS);
}

/** A memory that is lost, or of another schema, is an empty one. */
function asMemory(value: unknown): ExtensionMemory {
  return isMemory(value) ? value : EMPTY_MEMORY;
}
