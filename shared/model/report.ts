import * as v from "valibot";
import { type Action, type Outcome, OUTCOME_FIELDS, storedUpgradeReason } from "./action.ts";
import { storedFailure } from "./failure.ts";
import { clusterId, nodeName, scaleSetId } from "./ids.ts";
import { storedDrift } from "./reason.ts";
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

const report = object({
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
  /** The call that ended the pass early. */
  failure: v.exactOptional(storedFailure),
});

/** Observation, plan and outcomes of one pass, without the bodies of objects. */
export type Report = v.InferOutput<typeof report>;

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
 * not in progress.
 */
export function withPlanned(verdicts: readonly Verdict[], outcomes: readonly OutcomeSummary[]): readonly Verdict[] {
  const withheld = outcomes.filter(({ status }) => status === "withheld");
  return verdicts.map((verdict) => {
    const found = IN_PROGRESS.has(verdict.state) ? withheld.find(({ action }) => isAbout(action, verdict)) : undefined;
    if (!found?.reason) return verdict;
    const { kind } = found.action;
    const why = "reason" in found.action ? ` (${found.action.reason})` : "";
    const message = [`the next action is ${kind}${why}`, verdict.message]
      .filter((each) => each !== undefined)
      .join("; ");
    return { ...verdict, state: "planned", reason: found.reason, message };
  });
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
