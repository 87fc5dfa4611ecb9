import * as v from "valibot";
import { type Action, type Outcome, OUTCOME_FIELDS, storedUpgradeReason } from "./action.ts";
import { type CallFailure, storedFailure, writeReasonOf } from "./failure.ts";
import { clusterId, nodeName, scaleSetId } from "./ids.ts";
import { type Reason, storedDrift } from "./reason.ts";
import { count, epochMs, list, object, parserOf } from "./schema.ts";
import { storedVerdict, type Verdict, type VerdictState } from "./verdict.ts";

const onScaleSet = { scaleSet: scaleSetId, pool: v.string() };

const actionSummary = v.variant("kind", [
  object({ kind: v.literal("put-extension"), ...onScaleSet, reason: storedDrift, package: v.string() }),
  object({
    kind: v.literal("upgrade-instances"),
    ...onScaleSet,
    reason: storedUpgradeReason,
    nodes: list(nodeName),
  }),
  object({ kind: v.literal("delete-extension"), ...onScaleSet, reason: v.literal("uninstall") }),
  object({ kind: v.literal("apply-endpoint-slice"), name: v.string(), endpoints: count }),
  object({ kind: v.literal("delete-endpoint-slice"), name: v.string() }),
  object({ kind: v.literal("apply-endpoints"), endpoints: count }),
  object({ kind: v.literal("delete-endpoints") }),
]);

/** An action without the body of the object that it writes. */
export type ActionSummary = v.InferOutput<typeof actionSummary>;

const outcomeSummary = object({ action: actionSummary, ...OUTCOME_FIELDS });

/** An outcome without the body of its action, and without its operation. */
export type OutcomeSummary = v.InferOutput<typeof outcomeSummary>;

/** What started a pass. */
const cause = v.picklist(["event", "timer", "resync", "request"]);

export type Cause = v.InferOutput<typeof cause>;

const REPORT_FIELDS = {
  cluster: clusterId,
  /** The flow's name. */
  flow: v.string(),
  cause,
  startedAt: epochMs,
  endedAt: epochMs,
  /** What the app ignored, for operators. */
  warnings: list(v.string()),
  /** Summary of the observation, one line per item. */
  observed: list(v.string()),
  plan: object({ actions: list(actionSummary), verdicts: list(storedVerdict), requeueAt: epochMs }),
  outcomes: list(outcomeSummary),
};

/** The last pass that observed the cluster. */
const observation = object(REPORT_FIELDS);

const report = object({
  ...REPORT_FIELDS,
  /** The call that ended the pass early. */
  failure: v.exactOptional(storedFailure),
  /** The last report of a pass that observed, if this one could not. */
  lastObserved: v.exactOptional(observation),
});

/** Observation, plan and outcomes of one pass, without the bodies of objects. */
export type Report = v.InferOutput<typeof report>;

/** The report of a pass that observed the cluster. */
export type ObservedReport = v.InferOutput<typeof observation>;

/** Returns the last report of a pass that observed the cluster: this one, or the one that it keeps. */
export function lastObserved(stored: Report): ObservedReport | undefined {
  if (!stored.failure) return stored;
  // A pass that failed while it acted has observed and planned.
  const { failure: _, lastObserved: kept, ...own } = stored;
  return own.observed.length > 0 ? own : kept;
}

/** Returns a stored report; undefined if it does not have this version's schema. */
export const parseReport = parserOf(report);

/** Returns an action without the body of the object that it writes. */
export function summarizeAction(action: Action): ActionSummary {
  switch (action.kind) {
    case "put-extension": {
      const { kind, scaleSet, pool, reason, extension } = action;
      return { kind, scaleSet, pool, reason, package: extension.package };
    }
    case "upgrade-instances": {
      const { kind, scaleSet, pool, reason, instances } = action;
      return { kind, scaleSet, pool, reason, nodes: instances.map(({ node }) => node) };
    }
    case "delete-extension": {
      const { kind, scaleSet, pool, reason } = action;
      return { kind, scaleSet, pool, reason };
    }
    case "apply-endpoint-slice":
      return { kind: action.kind, name: action.slice.name, endpoints: action.slice.endpoints.length };
    case "delete-endpoint-slice":
      return { kind: action.kind, name: action.name };
    case "apply-endpoints":
      return { kind: action.kind, endpoints: action.endpoints.endpoints.length };
    case "delete-endpoints":
      return { kind: action.kind };
    default:
      return action satisfies never;
  }
}

/**
 * Returns the verdicts of a pass after its actions: what a policy withheld is planned, for the reason of the policy, and
 * what failed is refused. Neither is in progress.
 */
export function withOutcomes(verdicts: readonly Verdict[], outcomes: readonly OutcomeSummary[]): readonly Verdict[] {
  return verdicts.map((verdict) => {
    if (!IN_PROGRESS.has(verdict.state)) return verdict;
    const own = outcomes.filter(({ action }) => isAbout(action, verdict));
    const failed = own.find(({ status }) => status === "failed");
    if (failed?.error) return withFailure(verdict, failed.error);
    const withheld = own.find(({ status }) => status === "withheld");
    return withheld?.reason ? withReason(verdict, withheld.action, withheld.reason) : verdict;
  });
}

function withFailure(verdict: Verdict, error: CallFailure): Verdict {
  const { message, names } = error;
  const reason = writeReasonOf(error);
  const state = reason === "throttled" ? "waiting" : "refused";
  return { ...verdict, state, reason, message, ...(names && { names }) };
}

function withReason(verdict: Verdict, action: ActionSummary, reason: Reason): Verdict {
  const why = "reason" in action ? ` (${action.reason})` : "";
  const next = `the next action is ${action.kind}${why}`;
  const message = verdict.message === undefined ? next : `${next}; ${verdict.message}`;
  return { ...verdict, state: "planned", reason, message };
}

const IN_PROGRESS: ReadonlySet<VerdictState> = new Set(["acting", "converging"]);

/** An action in Kubernetes is about the cluster. */
function isAbout(action: ActionSummary, { subject }: Verdict): boolean {
  if (!("scaleSet" in action)) return subject.kind === "cluster";
  return subject.kind === "scale-set" && subject.scaleSet === action.scaleSet;
}

/** Returns an outcome without its operation, which only memory needs. */
export function summarizeOutcome({ action, status, at, reason, error }: Outcome): OutcomeSummary {
  return { action: summarizeAction(action), status, at, ...(reason && { reason }), ...(error && { error }) };
}
