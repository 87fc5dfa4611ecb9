import type { ClusterResult } from "../model/flow.ts";
import { describeOutcome, describeVerdict } from "./describe.ts";
import { failuresOf } from "./report.ts";

/** The part of an invocation's context that is logged to. */
export interface Logger {
  log(...args: unknown[]): void;
  warn(...args: unknown[]): void;
}

/** A line per pass, per action, and per thing that an operator should look at; returns what failed. */
export function logResults(logger: Logger, results: readonly ClusterResult[]): readonly string[] {
  return results.flatMap((each) => {
    if ("failure" in each) return warn(logger, [`${each.cluster}: ${each.failure.message}`]);
    const { cluster, result } = each;
    if (typeof result === "string") {
      logger.log("pass skipped", { cluster, reason: result });
      return [];
    }
    const { flow, cause, plan, outcomes, startedAt, endedAt } = result;
    logger.log("pass", { cluster, flow, cause, ms: endedAt - startedAt, actions: plan.actions.length });
    for (const outcome of outcomes) logger.log("action", { cluster, flow, outcome: describeOutcome(outcome) });
    for (const verdict of plan.verdicts) {
      if (verdict.state === "refused") logger.warn("refused", { cluster, flow, verdict: describeVerdict(verdict) });
    }
    return warn(logger, failuresOf(result));
  });
}

function warn(logger: Logger, failures: readonly string[]): readonly string[] {
  for (const failure of failures) logger.warn("failed", { failure });
  return failures;
}
