import type { Report } from "../model/report.ts";
import { describeAction, describeOutcome, describeTime, describeVerdict } from "./describe.ts";

/** A report as text, for the HTTP functions; times are in ISO 8601. */
export interface ReportText {
  readonly cluster: string;
  readonly flow: string;
  readonly cause: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly requeueAt: string;
  readonly warnings: readonly string[];
  readonly observed: readonly string[];
  readonly plan: readonly string[];
  readonly outcomes: readonly string[];
  readonly verdicts: readonly string[];
  readonly failure?: string;
}

/** Renders a report; decides nothing. */
export function renderReport({ plan, outcomes, failure, ...report }: Report): ReportText {
  return {
    cluster: report.cluster,
    flow: report.flow,
    cause: report.cause,
    startedAt: describeTime(report.startedAt),
    endedAt: describeTime(report.endedAt),
    requeueAt: describeTime(plan.requeueAt),
    warnings: report.warnings,
    observed: report.observed,
    plan: plan.actions.map(describeAction),
    outcomes: outcomes.map(describeOutcome),
    verdicts: plan.verdicts.map((verdict) => `${describeVerdict(verdict)}, since ${describeTime(verdict.since)}`),
    ...(failure && { failure: failure.message }),
  };
}

/** Returns the failed calls of a pass, as text for operators. */
export function failuresOf({ cluster, plan, outcomes, failure }: Report): readonly string[] {
  const unreadable = plan.verdicts.filter(({ state }) => state === "unreadable").map(describeVerdict);
  const failed = outcomes.filter((each) => each.status === "failed").map(describeOutcome);
  return [...(failure ? [failure.message] : []), ...unreadable, ...failed].map((text) => `${cluster}: ${text}`);
}
