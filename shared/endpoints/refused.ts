import * as v from "valibot";
import type { Action, Outcome } from "../model/action.ts";
import type { Plan } from "../model/plan.ts";
import { epochMs, count, list, object } from "../model/schema.ts";
import type { NodeEndpoint } from "../model/slice.ts";
import type { EpochMs } from "../model/time.ts";
import { retryWaitMs } from "../model/waits.ts";
import type { AnyVerdict } from "./node-finding.ts";

/** Schema of the endpoints that the API server refused, by its own rules, although the app takes them for valid. */
export const storedRefused = list(
  object({
    node: v.string(),
    address: v.string(),
    /** The API server's message. */
    message: v.string(),
    attempts: count,
    /** The endpoint is left out until then. */
    retryAt: epochMs,
  }),
);

type Refused = v.InferOutput<typeof storedRefused>;

/**
 * Returns the refused endpoints after a pass: those of its outcomes, and those of nodes that still exist which it did not
 * try again.
 */
export function rememberRefused(
  before: Refused,
  { verdicts }: Plan,
  outcomes: readonly Outcome[],
  now: EpochMs,
): Refused {
  const found = outcomes.flatMap(refusedIn).map((each) => {
    const attempts = 1 + (before.find((other) => isSame(each, other))?.attempts ?? 0);
    return { ...each, attempts, retryAt: now + retryWaitMs(attempts) };
  });
  const unique = found.filter((each, index) => found.findIndex((other) => isSame(each, other)) === index);
  const tried = outcomes.filter(({ status }) => status === "done").flatMap(({ action }) => endpointsOf(action));
  const nodes = new Set<string>(verdicts.flatMap(({ subject }) => (subject.kind === "node" ? [subject.node] : [])));
  const isKept = (each: Refused[number]): boolean =>
    nodes.has(each.node) && ![...unique, ...tried].some((other) => isSame(each, other));
  return [...before.filter(isKept), ...unique];
}

/** Returns the function that leaves a node out while its endpoint is refused. */
export function leaveOutRefused(refused: Refused, now: EpochMs): (verdict: AnyVerdict) => AnyVerdict {
  return (verdict) => {
    const { endpoint, ...rest } = verdict;
    const found = endpoint && refused.find((each) => isSame(each, endpoint) && each.retryAt > now);
    if (!found) return verdict;
    const message = `the API server refuses the endpoint ${found.address}, so the app leaves it out: ${found.message}`;
    return { ...rest, state: "unpublished", reason: "no-address", message };
  };
}

function refusedIn({ action, error }: Outcome): readonly Pick<Refused[number], "node" | "address" | "message">[] {
  const nodes = error?.names?.nodes ?? [];
  const refused = endpointsOf(action).filter(({ node }) => nodes.includes(node));
  return refused.map(({ node, address }) => ({ node, address, message: error?.message ?? "" }));
}

function endpointsOf(action: Action): readonly NodeEndpoint[] {
  if (action.kind === "apply-endpoint-slice") return action.slice.endpoints;
  return action.kind === "apply-endpoints" ? action.endpoints.endpoints : [];
}

function isSame(
  a: { readonly node: string; readonly address: string },
  b: { readonly node: string; readonly address: string },
): boolean {
  return a.node === b.node && a.address === b.address;
}
