import type { Outcome } from "../model/action.ts";
import { type ClusterId, splitId } from "../model/ids.ts";
import { compareTexts } from "../model/order.ts";
import type { Report } from "../model/report.ts";
import type { EpochMs } from "../model/time.ts";
import type { Subject, Verdict } from "../model/verdict.ts";
import { describeOutcome, describeTime, describeVerdict } from "./describe.ts";
import { byLevel, type Level, levelOf, LEVELS } from "./levels.ts";
import { remedyFor } from "./remedies.ts";

/** The last report of a flow, or why there is none to show. */
export interface StoredFlow {
  readonly flow: string;
  readonly report: Report | "none" | "unknown-shape" | { readonly failure: string };
  /** Undefined means the next tick of the timer. */
  readonly requeueAt: EpochMs | undefined;
  /** Whether a pass was requested; the next tick of the timer runs it. */
  readonly isRequested: boolean;
  /** When the last pass began, if the next one is overdue. */
  readonly overdueSince: EpochMs | undefined;
}

export interface StoredCluster {
  readonly cluster: ClusterId;
  readonly flows: readonly StoredFlow[];
}

/** A verdict as text. */
export interface VerdictText {
  readonly level: Level;
  readonly sentence: string;
  readonly since: string;
  readonly remedy?: string;
}

/** The last pass of a flow as text; times are in ISO 8601. */
export interface FlowText {
  readonly flow: string;
  readonly cause?: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  /** Absent: at the next tick of the timer. */
  readonly requeueAt?: string;
  /** Why no pass is shown. */
  readonly message?: string;
  readonly failures: readonly string[];
  readonly warnings: readonly string[];
  readonly outcomes: readonly string[];
  readonly observed: readonly string[];
}

export interface ClusterText {
  readonly level: Level;
  readonly cluster: string;
  readonly name: string;
  /** Number of verdicts and failures of each level. */
  readonly counts: Readonly<Record<Level, number>>;
  readonly flows: readonly FlowText[];
  readonly verdicts: readonly VerdictText[];
  readonly pools: readonly { readonly pool: string; readonly verdicts: readonly VerdictText[] }[];
  readonly nodes: readonly VerdictText[];
}

/** The content of the status page; the JSON answer is the same. */
export interface StatusText {
  readonly at: string;
  readonly mode: string;
  /** Whether a flow of a cluster no longer runs. */
  readonly isOverdue: boolean;
  /** Reports that cannot be read. */
  readonly failures: readonly string[];
  readonly clusters: readonly ClusterText[];
}

/** Renders the last reports as text, first what is refused or has failed; decides nothing. */
export function renderStatus(
  clusters: readonly StoredCluster[],
  { at, mode }: { readonly at: EpochMs; readonly mode: string },
): StatusText {
  const unread = clusters.flatMap(({ cluster, flows }) =>
    flows.flatMap(({ report }) =>
      typeof report === "object" && !("plan" in report) ? [`${cluster}: ${report.failure}`] : [],
    ),
  );
  const texts = clusters.map((cluster) => renderCluster(cluster, at));
  const ordered = texts.toSorted(
    (a, b) => byLevel(a, b) || compareTexts(a.name, b.name) || compareTexts(a.cluster, b.cluster),
  );
  const isOverdue = clusters.some(({ flows }) => flows.some(({ overdueSince }) => overdueSince !== undefined));
  return { at: describeTime(at), mode, isOverdue, failures: unread, clusters: ordered };
}

function renderCluster({ cluster, flows: stored }: StoredCluster, at: EpochMs): ClusterText {
  const flows = stored.map((flow) => renderFlow(flow, at));
  const verdicts = stored.flatMap(({ report }) => (hasPlan(report) ? report.plan.verdicts : []));
  const of = (...kinds: readonly Subject["kind"][]): readonly Verdict[] =>
    verdicts.filter(({ subject }) => kinds.includes(subject.kind));
  const counts = countLevels(verdicts, flows);
  return {
    level: LEVELS.find((each) => counts[each] > 0) ?? "well",
    cluster,
    name: splitId(cluster).name,
    counts,
    flows,
    verdicts: renderVerdicts(of("cluster")),
    pools: renderPools(of("scale-set", "instance")),
    nodes: renderVerdicts(of("node")),
  };
}

function countLevels(verdicts: readonly Verdict[], flows: readonly FlowText[]): Record<Level, number> {
  const levels = [
    ...verdicts.map(({ state }) => levelOf(state)),
    ...flows.flatMap(({ failures, warnings, message }): readonly Level[] => [
      ...failures.map(() => "trouble" as const),
      ...warnings.map(() => "waiting" as const),
      ...(message !== undefined && failures.length === 0 ? ["waiting" as const] : []),
    ]),
  ];
  const count = (level: Level): number => levels.filter((each) => each === level).length;
  return { trouble: count("trouble"), waiting: count("waiting"), working: count("working"), well: count("well") };
}

const NOTES = {
  none: "no pass has run yet",
  "unknown-shape":
    "the stored report has an unknown format: another version of the app wrote it. The next pass replaces it",
} as const;

function renderFlow({ flow, report, requeueAt, isRequested, overdueSince }: StoredFlow, at: EpochMs): FlowText {
  const next = requeueAt ?? (hasPlan(report) ? report.plan.requeueAt : undefined);
  // At rest a flow runs every minute, and stores neither a report nor when it is due again.
  const isLater = next !== undefined && next > at && !isRequested;
  const start = { flow, ...(isLater && { requeueAt: describeTime(next) }) };
  const overdue =
    overdueSince === undefined
      ? []
      : [
          `overdue: no pass has run since ${describeTime(overdueSince)}. Check the log of the timer function and the lease`,
        ];
  const nothing = { failures: overdue, warnings: [], outcomes: [], observed: [] };
  if (typeof report === "string") return { ...start, ...nothing, message: NOTES[report] };
  if (!hasPlan(report)) {
    return { ...start, ...nothing, message: "its report cannot be read", failures: [...overdue, report.failure] };
  }
  const { cause, startedAt, endedAt, warnings, observed, outcomes, failure } = report;
  const sorted = outcomes.toSorted((a, b) => URGENCY.indexOf(a.status) - URGENCY.indexOf(b.status));
  const failed = sorted.filter(({ status }) => status === "failed").map(describeOutcome);
  return {
    ...start,
    cause,
    startedAt: describeTime(startedAt),
    endedAt: describeTime(endedAt),
    failures: [...overdue, ...(failure ? [failure.message] : []), ...failed],
    warnings,
    outcomes: sorted.map(describeOutcome),
    observed,
  };
}

const URGENCY: readonly Outcome["status"][] = ["failed", "dropped", "withheld", "submitted", "done"];

function hasPlan(report: StoredFlow["report"]): report is Report {
  return typeof report === "object" && "plan" in report;
}

/** Groups verdicts by pool. An instance refers to its scale set, whose own verdict has the pool. */
function renderPools(verdicts: readonly Verdict[]): ClusterText["pools"] {
  const pools = new Map(
    verdicts.flatMap(({ subject }) => (subject.kind === "scale-set" ? [[subject.scaleSet, subject.pool]] : [])),
  );
  const groups = Map.groupBy(verdicts, ({ subject }) => {
    return "scaleSet" in subject ? (pools.get(subject.scaleSet) ?? splitId(subject.scaleSet).name) : "";
  });
  return [...groups]
    .map(([pool, each]) => ({ pool, verdicts: renderVerdicts(each) }))
    .toSorted((a, b) => rankOf(a.verdicts) - rankOf(b.verdicts) || compareTexts(a.pool, b.pool));
}

function rankOf([first]: readonly VerdictText[]): number {
  return first ? LEVELS.indexOf(first.level) : LEVELS.length;
}

const SUBJECT_ORDER: readonly Subject["kind"][] = ["cluster", "scale-set", "instance", "node"];

function renderVerdicts(verdicts: readonly Verdict[]): readonly VerdictText[] {
  return verdicts
    .map((verdict) => {
      const remedy = remedyFor(verdict);
      const level = levelOf(verdict.state);
      const text = { level, sentence: describeVerdict(verdict), since: describeTime(verdict.since) };
      return { order: SUBJECT_ORDER.indexOf(verdict.subject.kind), text: { ...text, ...(remedy && { remedy }) } };
    })
    .toSorted((a, b) => byLevel(a.text, b.text) || a.order - b.order || compareTexts(a.text.sentence, b.text.sentence))
    .map(({ text }) => text);
}
