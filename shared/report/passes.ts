import { splitId } from "../model/ids.ts";
import { compact } from "../model/json.ts";
import type { Reason } from "../model/reason.ts";
import { lastObserved, type OutcomeSummary, type Report } from "../model/report.ts";
import type { EpochMs } from "../model/time.ts";
import { breakLease } from "./azure-commands.ts";
import { resync } from "./cluster-commands.ts";
import { describeOutcome, describeTime } from "./describe.ts";
import type { Level } from "./levels.ts";
import { REMEDIES, toRemedy } from "./remedies.ts";
import type { RemedyContext } from "./remedy-context.ts";
import type { RemedyEntry } from "./remedy-entry.ts";
import type { PassStatus, Problem } from "./status.ts";
import { reportOf, type StoredFlow, unreadFailure } from "./stored-flow.ts";

const TRANSIENT: RemedyEntry = {
  text: "None needed at first: the app tries again by itself. If it lasts, do what the message says.",
  heals: true,
};
const LEASE: RemedyEntry = {
  text: "If the function app runs, a worker that no longer exists has the lease of the pass. Break it; the next pass then runs.",
  command: breakLease,
};
const BROKEN: RemedyEntry = {
  text: "Look into the log of the app. The app tries again by itself, and this command at once.",
  command: resync(),
};
const OVERDUE: RemedyEntry = {
  text: "Check that the function app runs and that its timer functions succeed. This command runs the passes now.",
  command: resync(),
};

/** Returns what is said of a flow's last pass. */
export function passStatus(flow: StoredFlow, at: EpochMs): PassStatus {
  const report = reportOf(flow);
  const observed = report && lastObserved(report);
  return compact({
    flow: flow.flow,
    level: levelOfPass(flow, report),
    result: resultOf(flow),
    ...timesOf(report),
    requeueAt: nextPass(flow, report, at),
    observedAt: observed && report.failure ? describeTime(observed.endedAt) : undefined,
    warnings: report?.warnings ?? [],
    outcomes: inOrder(report?.outcomes ?? []).map(describeOutcome),
    observed: observed?.observed ?? [],
  });
}

function timesOf(report: Report | undefined): Pick<PassStatus, "cause" | "startedAt" | "endedAt"> {
  if (!report) return {};
  const { cause, startedAt, endedAt } = report;
  return { cause, startedAt: describeTime(startedAt), endedAt: describeTime(endedAt) };
}

function levelOfPass(flow: StoredFlow, report: Report | undefined): Level {
  const isFailed = report?.outcomes.some(({ status }) => status === "failed") === true;
  if (isFailed || failuresIn(flow).length > 0) return "trouble";
  return report === undefined || report.warnings.length > 0 ? "waiting" : "well";
}

/** At rest a flow runs every minute, and stores neither a report nor when it is due again. */
function nextPass({ requeueAt, isRequested }: StoredFlow, report: Report | undefined, at: EpochMs): string | undefined {
  const next = requeueAt ?? report?.plan.requeueAt;
  return next !== undefined && next > at && !isRequested ? describeTime(next) : undefined;
}

function resultOf(flow: StoredFlow): string {
  const { report } = flow;
  if (report === "none") return "No pass has run yet.";
  if (report === "unknown-shape") return "The report has an unknown format. The next pass replaces it.";
  if ("unread" in report) return "The report cannot be read.";
  if (report.failure) return "The pass failed.";
  const { outcomes } = report;
  if (outcomes.length === 0) return "Nothing to do.";
  const counts = [...Map.groupBy(inOrder(outcomes), ({ status }) => status)];
  return `${counts.map(([status, each]) => `${each.length} ${status}`).join(", ")}.`;
}

const URGENCY: readonly OutcomeSummary["status"][] = ["failed", "dropped", "withheld", "submitted", "done"];

function inOrder(outcomes: readonly OutcomeSummary[]): readonly OutcomeSummary[] {
  return outcomes.toSorted((a, b) => URGENCY.indexOf(a.status) - URGENCY.indexOf(b.status));
}

/** What keeps a flow from observing: since when, and what ends it. */
interface Failing {
  readonly title: string;
  readonly message: string;
  readonly reason?: Reason;
  /** Undefined: since now. */
  readonly since: EpochMs | undefined;
  readonly entry: RemedyEntry;
  readonly names: RemedyContext["names"];
}

function failuresIn(flow: StoredFlow): readonly Failing[] {
  return [overdueIn(flow), failureIn(flow)].filter((each) => each !== undefined);
}

function overdueIn({ flow, overdueSince: since, unservedLease: blob }: StoredFlow): Failing | undefined {
  if (since === undefined) return undefined;
  const title = `No ${flow} pass has run`;
  const message = "Each flow is due every few minutes, and nothing was written since. What this page shows is old.";
  if (blob === undefined) return { title, message, since, entry: OVERDUE, names: {} };
  return {
    title,
    message: `${message} A pass was requested, and none served it.`,
    since,
    entry: LEASE,
    names: { blob },
  };
}

function failureIn(stored: StoredFlow): Failing | undefined {
  const { flow, failingSince } = stored;
  const unread = unreadFailure(stored);
  const report = reportOf(stored);
  const failure = unread ?? report?.failure;
  if (!failure) return undefined;
  const { message, names = {}, fault } = failure;
  return {
    title: unread ? `The report of the ${flow} pass cannot be read` : `The ${flow} pass fails`,
    message,
    since: failingSince ?? report?.startedAt,
    entry: ENTRY_BY_FAULT[fault],
    names,
    ...(fault === "denied" || fault === "throttled" ? { reason: fault } : {}),
  };
}

const ENTRY_BY_FAULT = {
  denied: REMEDIES.denied,
  throttled: REMEDIES.throttled,
  transient: TRANSIENT,
  conflict: TRANSIENT,
  "not-found": BROKEN,
  bug: BROKEN,
} as const;

/** Returns the problems of a flow that does not run, or whose passes fail. */
export function passProblems(
  flow: StoredFlow,
  ctx: Pick<RemedyContext, "app" | "cluster">,
  at: EpochMs,
): readonly Problem[] {
  return failuresIn(flow).map(({ title, message, reason, since, entry, names }): Problem => {
    return compact({
      level: "trouble" as const,
      reason,
      title: `${title} in ${splitId(ctx.cluster).name}`,
      message,
      since: describeTime(since ?? at),
      remedy: toRemedy(entry, { ...ctx, names }),
      healsItself: entry.heals === true,
      nodes: [],
    });
  });
}
