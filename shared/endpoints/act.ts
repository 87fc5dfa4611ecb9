import { CallError, describeFailure } from "../clients/errors.ts";
import type { KubeClient } from "../clients/kubernetes/port.ts";
import type { EndpointsAction, Outcome, Policy } from "../model/action.ts";
import type { EpochMs } from "../model/time.ts";

/** The client, policy, clock and abort signal that `actEndpoints` works with. */
export interface EndpointsActContext {
  readonly kube: KubeClient;
  readonly policy: Policy;
  readonly now: () => EpochMs;
  readonly signal: AbortSignal;
}

type Result = Omit<Outcome<EndpointsAction>, "action" | "at">;

/** Performs the actions in order and returns one outcome for each; a failed action does not stop the others. */
export async function actEndpoints(
  actions: readonly EndpointsAction[],
  context: EndpointsActContext,
): Promise<readonly Outcome<EndpointsAction>[]> {
  const outcomes: Outcome<EndpointsAction>[] = [];
  for (const action of actions) {
    const result = await attempt(action, context);
    outcomes.push({ action, at: context.now(), ...result });
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
    const isManagerConflict = error.code === "FieldManagerConflict";
    return {
      status: "dropped",
      reason: isManagerConflict ? "another-manager" : "changed-since-observed",
      error: describeFailure(error),
    };
  }
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
