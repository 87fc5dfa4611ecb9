import { CallError, describeFailure } from "../clients/errors.ts";
import { FIELD_MANAGER_CONFLICT } from "../clients/kubernetes/errors.ts";
import type { KubeClient } from "../clients/kubernetes/port.ts";
import type { EndpointsAction, Outcome, Policy } from "../model/action.ts";
import { type CallFailure, writeReasonOf } from "../model/failure.ts";
import type { Reason } from "../model/reason.ts";
import { isFieldManagerOfApp, type NodeEndpoint } from "../model/slice.ts";
import type { EpochMs } from "../model/time.ts";

/** What `actEndpoints` works with. */
export interface EndpointsActContext {
  readonly kube: KubeClient;
  readonly policy: Policy;
  /** Whether an operator asked to take over what other field managers own. */
  readonly adopts: boolean;
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
  let unclaimed: Result | undefined;
  for (const action of actions) {
    const result = unclaimed ?? (await attempt(action, context));
    outcomes.push({ action, at: context.now(), ...result });
    if ("claims" in action && action.claims) unclaimed = withoutClaim(result);
  }
  return outcomes;
}

async function attempt(action: EndpointsAction, context: EndpointsActContext): Promise<Result> {
  const { kube, policy, adopts, signal } = context;
  if (signal.aborted) return { status: "dropped", reason: "out-of-time" };
  try {
    const reason = await policy(action);
    if (reason) return { status: "withheld", reason };
    await (adopts ? performOrTakeOver(action, kube, signal) : perform(action, kube, signal));
    return { status: "done" };
  } catch (error) {
    const rest = error instanceof CallError ? withoutNodes(action, error.names.nodes) : undefined;
    if (rest) return withRefused(await attempt(rest, context), describeFailure(error));
    if (!(error instanceof CallError) || error.fault !== "conflict") {
      return { status: "failed", error: describeFailure(error) };
    }
    return { status: "dropped", reason: conflictReason(error), error: describeFailure(error) };
  }
}

/** Returns the action without the endpoints of nodes; undefined if it has none of them. */
function withoutNodes(action: EndpointsAction, nodes: readonly string[] = []): EndpointsAction | undefined {
  const leaveOut = <T extends { readonly endpoints: readonly NodeEndpoint[] }>(object: T): T | undefined => {
    const endpoints = object.endpoints.filter(({ node }) => !nodes.includes(node));
    return endpoints.length < object.endpoints.length ? { ...object, endpoints } : undefined;
  };
  if (action.kind === "apply-endpoint-slice") {
    const slice = leaveOut(action.slice);
    return slice && { ...action, slice };
  }
  const endpoints = action.kind === "apply-endpoints" ? leaveOut(action.endpoints) : undefined;
  return endpoints && { kind: "apply-endpoints", endpoints };
}

/** Returns the result of writing the rest. If that was done, its error names the nodes whose endpoints are refused. */
function withRefused(result: Result, failure: CallFailure): Result {
  if (result.status !== "done") return result;
  const nodes = [...(failure.names?.nodes ?? []), ...(result.error?.names?.nodes ?? [])].toSorted();
  return { ...result, error: { ...failure, names: { nodes } } };
}

function conflictReason({ code, names: { managers = [] } }: CallError): Reason {
  if (code !== FIELD_MANAGER_CONFLICT) return "changed-since-observed";
  return managers.some(isFieldManagerOfApp) ? "another-app" : "another-manager";
}

/**
 * Returns the result of the actions after a claim that did not succeed, undefined if they may be performed. A program that
 * is no copy of the app only keeps its object: it claims nothing.
 */
function withoutClaim({ status, reason, error }: Result): Result | undefined {
  if (status === "failed") return { status: "dropped", reason: error ? writeReasonOf(error) : "write-failed" };
  const isWithout = status === "withheld" || (status === "dropped" && reason !== "another-manager");
  return isWithout ? { status, ...(reason && { reason }) } : undefined;
}

async function performOrTakeOver(action: EndpointsAction, kube: KubeClient, signal: AbortSignal): Promise<void> {
  try {
    await perform(action, kube, signal);
  } catch (error) {
    const fresh = await takeOver(action, error, { kube, signal });
    if (!fresh) throw error;
    await perform(fresh, kube, signal);
  }
}

/**
 * Deletes the object that an action could not write because of its other field managers, as it was observed, and returns
 * the action that writes it new. Forcing the write would leave them co-owners, who refuse the next change. Returns
 * undefined for any other error.
 */
async function takeOver(
  action: EndpointsAction,
  error: unknown,
  { kube, signal }: Pick<EndpointsActContext, "kube" | "signal">,
): Promise<EndpointsAction | undefined> {
  if (!(error instanceof CallError) || error.code !== FIELD_MANAGER_CONFLICT) return undefined;
  const fresh = { resourceVersion: undefined, hasFormerManager: false };
  if (action.kind === "apply-endpoint-slice" && action.slice.resourceVersion !== undefined) {
    await kube.deleteSlice(action.slice.name, action.slice.resourceVersion, signal);
    return { ...action, slice: { ...action.slice, ...fresh } };
  }
  if (action.kind === "apply-endpoints" && action.endpoints.resourceVersion !== undefined) {
    await kube.deleteEndpoints(action.endpoints.resourceVersion, signal);
    return { ...action, endpoints: { ...action.endpoints, ...fresh } };
  }
  return undefined;
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
