import { CallError, describeFailure } from "../clients/errors.ts";
import type { KubeClient } from "../clients/kubernetes/port.ts";
import type { EndpointsAction, Outcome, Policy } from "../model/action.ts";
import { writeReasonOf } from "../model/failure.ts";
import type { Reason } from "../model/reason.ts";
import { isFieldManagerOfApp } from "../model/slice.ts";
import type { EpochMs } from "../model/time.ts";

/** The client, policy, clock and abort signal that `actEndpoints` works with. */
export interface EndpointsActContext {
  readonly kube: KubeClient;
  readonly policy: Policy;
  readonly now: () => EpochMs;
  readonly signal: AbortSignal;
}

type Result = Omit<Outcome<EndpointsAction>, "action" | "at">;

/**
 * Performs the actions in order and returns one outcome for each. A failed action does not stop the others, except a
 * claim: what the app has not claimed, another copy of it may be writing.
 */
export async function actEndpoints(
  actions: readonly EndpointsAction[],
  context: EndpointsActContext,
): Promise<readonly Outcome<EndpointsAction>[]> {
  const outcomes: Outcome<EndpointsAction>[] = [];
  let unclaimed: Reason | undefined;
  for (const action of actions) {
    const result = unclaimed ? ({ status: "dropped", reason: unclaimed } as const) : await attempt(action, context);
    outcomes.push({ action, at: context.now(), ...result });
    if ("claims" in action && action.claims) unclaimed = whyUnclaimed(result);
  }
  return outcomes;
}

async function attempt(action: EndpointsAction, { kube, policy, signal }: EndpointsActContext): Promise<Result> {
  if (signal.aborted) return { status: "dropped", reason: "out-of-time" };
  try {
    const reason = await policy(action);
    if (reason) return { status: "withheld", reason };
    await perform(action, kube, signal);
    return { status: "done" };
  } catch (error) {
    if (!(error instanceof CallError) || error.fault !== "conflict") {
      return { status: "failed", error: describeFailure(error) };
    }
    return { status: "dropped", reason: conflictReason(error), error: describeFailure(error) };
  }
}

function conflictReason({ code, names: { managers = [] } }: CallError): Reason {
  if (code !== "FieldManagerConflict") return "changed-since-observed";
  return managers.some(isFieldManagerOfApp) ? "another-app" : "another-manager";
}

/**
 * Returns why the actions after a claim must be dropped, undefined if they may be performed. A program that is no copy of
 * the app only keeps its object: it claims nothing.
 */
function whyUnclaimed({ status, reason, error }: Result): Reason | undefined {
  if (status === "failed") return error ? writeReasonOf(error) : "write-failed";
  return status === "dropped" && reason !== "another-manager" ? reason : undefined;
}

function perform(action: EndpointsAction, kube: KubeClient, signal: AbortSignal): Promise<void> {
  switch (action.kind) {
    case "apply-endpoint-slice":
      return kube.applySlice(action.slice, signal);
    case "delete-endpoint-slice":
      return kube.deleteSlice(action.name, action.resourceVersion, signal);
    case "apply-endpoints":
      return kube.applyEndpoints(action.endpoints, signal);
    case "delete-endpoints":
      return kube.deleteEndpoints(action.resourceVersion, signal);
    default:
      return action satisfies never;
  }
}
