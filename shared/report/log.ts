import type { ClusterResult } from "../model/flow.ts";
import { describeOutcome, describeVerdict } from "./describe.ts";
import { failuresOf } from "./report.ts";

/** The part of an invocation's context that writes log lines. */
export interface Logger {
  log(line: string): void;
  warn(line: string): void;
}

/** The words that begin a log line, and what follows; queries of the logs select by the word. */
export const LOG_WORDS = {
  pass: "A pass has ended: `cluster`, `flow`, `cause`, its duration `ms`, and the number of its `actions`.",
  "pass-skipped": "No pass ran for `cluster`: `reason` is `busy` or `superseded`.",
  action: "The outcome of one action.",
  refused: "Something that the app refuses to do, and why: `verdict`.",
  warning: "Something that the app ignored: `warning`.",
  failed: "A call failed: `failure` names it.",
  "event-dropped": "An event is not about a cluster of the app: `message` says why.",
} as const satisfies Readonly<Record<string, string>>;

/** Returns one log line: a word, then its fields as JSON. */
export function logLine(word: keyof typeof LOG_WORDS, fields: Readonly<Record<string, string | number>>): string {
  return `${word} ${JSON.stringify(fields)}`;
}

/** Logs a line per pass, per action, and per thing that needs an operator; returns the failures. */
export function logResults(logger: Logger, results: readonly ClusterResult[]): readonly string[] {
  return results.flatMap((each) => {
    if ("failure" in each) return warn(logger, [`${each.cluster}: ${each.failure.message}`]);
    const { cluster, result } = each;
    if (typeof result === "string") {
      logger.log(logLine("pass-skipped", { cluster, reason: result }));
      return [];
    }
    const { flow, cause, warnings, plan, outcomes, startedAt, endedAt } = result;
    logger.log(logLine("pass", { cluster, flow, cause, ms: endedAt - startedAt, actions: plan.actions.length }));
    for (const each of outcomes) logger.log(logLine("action", { cluster, flow, outcome: describeOutcome(each) }));
    for (const warning of warnings) logger.warn(logLine("warning", { cluster, flow, warning }));
    for (const each of plan.verdicts.filter(({ state }) => state === "refused")) {
      logger.warn(logLine("refused", { cluster, flow, verdict: describeVerdict(each) }));
    }
    return warn(logger, failuresOf(result));
  });
}

function warn(logger: Logger, failures: readonly string[]): readonly string[] {
  for (const failure of failures) logger.warn(logLine("failed", { failure }));
  return failures;
}
