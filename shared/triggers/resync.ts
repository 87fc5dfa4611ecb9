import type { Dependencies } from "../dependencies.ts";
import { FLOWS } from "../flows.ts";
import type { ClusterResult } from "../model/flow.ts";
import type { ClusterId } from "../model/ids.ts";
import { byText } from "../model/order.ts";
import { isSamePool } from "../model/pools.ts";
import type { Report } from "../model/report.ts";
import { SECOND_MS } from "../model/time.ts";
import { eachCluster } from "../reconcile/each-cluster.ts";
import { allOf, onlyPool, policyOf } from "../reconcile/policy.ts";
import { preview, reconcile } from "../reconcile/reconcile.ts";
import { requestPass } from "../reconcile/requests.ts";
import { failuresOf, renderReport } from "../report/report.ts";
import { type Answer, findClusters, refusal, unknownParameters } from "./parameters.ts";

/** The parameters of a resync. */
interface ResyncRequest {
  readonly clusters: readonly ClusterId[];
  readonly pool: string | undefined;
  readonly isDryRun: boolean;
  readonly isAdopting: boolean;
  readonly isReleasing: boolean;
}

type FlowResult = ClusterResult & { readonly flow: string };

/** The load balancer of Azure ends a request after 230 s. The timers finish what is not done by then. */
const ANSWER_WITHIN_MS = 200 * SECOND_MS;
/** A pass request is one small write. */
const REQUEST_WITHIN_MS = 10 * SECOND_MS;
/** `code` is the key of the function. */
const PARAMETERS = ["cluster", "pool", "dry-run", "adopt", "release", "code"];

const FLAGS = ["dry-run", "adopt", "release"] as const;

/** Runs every flow now, or with `dry-run` returns what each would do. */
export async function resync(query: URLSearchParams, deps: Dependencies): Promise<Answer> {
  const request = parseRequest(query, deps.config.AKS_CLUSTER_IDS);
  if ("status" in request) return request;
  const policy = allOf(...(request.pool ? [onlyPool(request.pool)] : []), policyOf(deps.config.MODE));
  const timeUp = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const { pool } = request;
  const asked = { ...(request.isAdopting && { adopt: { pool } }), ...(request.isReleasing && { release: { pool } }) };
  const targets = request.clusters.map((cluster) => ({ cluster }));
  const finished: FlowResult[] = [];
  const all = FLOWS.map(async (flow) => {
    const pass = request.isDryRun ? preview : reconcile;
    const results = await eachCluster(targets, flow.concurrency ?? deps.config.CLUSTER_CONCURRENCY, ({ cluster }) =>
      pass(flow, cluster, deps, { cause: "resync", policy, signal: timeUp, ...asked }),
    );
    finished.push(...results.map((each) => ({ ...each, flow: flow.name })));
  });
  const isDone = await Promise.race([Promise.all(all), aborted(timeUp)]);
  return isDone ? answer(inOrder(finished), request) : postpone(finished, request, deps);
}

/** Sorts by flow, as `FLOWS` lists them, then by cluster. */
function inOrder(results: readonly FlowResult[]): readonly FlowResult[] {
  const rank = ({ flow, cluster }: FlowResult): string => `${FLOWS.findIndex(({ name }) => name === flow)} ${cluster}`;
  return results.toSorted(byText(rank));
}

function parseRequest(query: URLSearchParams, known: readonly ClusterId[]): ResyncRequest | Answer {
  const unknown = unknownParameters(query, PARAMETERS);
  if (unknown) return unknown;
  const wrong = FLAGS.find((name) => !/^(|true|false)$/.test(query.get(name) ?? ""));
  if (wrong) return refusal(400, `${wrong}: found '${query.get(wrong)}', expected nothing, true or false`);
  const clusters = findClusters(query.get("cluster"), known);
  if ("status" in clusters) return clusters;
  const isSet = (flag: (typeof FLAGS)[number]): boolean => query.has(flag) && query.get(flag) !== "false";
  const pool = query.get("pool") ?? undefined;
  return {
    clusters: clusters.found,
    pool,
    isDryRun: isSet("dry-run"),
    isAdopting: isSet("adopt"),
    isReleasing: isSet("release"),
  };
}

/** Returns the reports: with 502 if a call failed, with 409 if another worker holds a lease, else with 200. */
function answer(results: readonly ClusterResult[], { pool }: ResyncRequest): Answer {
  const reports = results.flatMap((each) => ("result" in each && typeof each.result === "object" ? [each.result] : []));
  const wrongPool = pool === undefined ? undefined : unknownPool(pool, reports);
  if (wrongPool) return wrongPool;
  const thrown = results.flatMap((each) => ("failure" in each ? [`${each.cluster}: ${each.failure.message}`] : []));
  const failures = [...thrown, ...reports.flatMap(failuresOf)];
  const busy = results.flatMap((each) => ("result" in each && each.result === "busy" ? [each.cluster] : []));
  const status = failures.length > 0 ? 502 : busy.length > 0 ? 409 : 200;
  const running = busy.length > 0 && {
    running: [...new Set(busy)],
    note: "a pass is already running and will run again before it finishes",
  };
  return {
    status,
    jsonBody: { reports: reports.map(renderReport), ...(failures.length > 0 && { failures }), ...running },
  };
}

/** Returns a refusal if no report has the pool: every pool that a pass reads has a verdict. */
function unknownPool(pool: string, reports: readonly Report[]): Answer | undefined {
  const seen = reports.flatMap(({ plan }) =>
    plan.verdicts.flatMap(({ subject }) => ("pool" in subject ? [subject.pool] : [])),
  );
  const isKnown = seen.some((each) => isSamePool(each, pool)) || reports.some((each) => each.failure);
  if (isKnown || reports.length === 0) return undefined;
  return refusal(404, `found no Windows pool '${pool}', expected one of: ${seen.join(", ") || "none"}`);
}

async function postpone(finished: readonly FlowResult[], request: ResyncRequest, deps: Dependencies): Promise<Answer> {
  const remaining = FLOWS.flatMap((flow) => {
    const isDone = (id: ClusterId): boolean => finished.some((each) => each.flow === flow.name && each.cluster === id);
    return request.clusters.filter((id) => !isDone(id)).map((cluster) => ({ cluster, flow }));
  });
  for (const target of remaining) await requestPass(deps, target, "resync", AbortSignal.timeout(REQUEST_WITHIN_MS));
  const unfinished = remaining.map(({ cluster, flow }) => ({ cluster, flow: flow.name }));
  const { jsonBody } = answer(finished, { ...request, pool: undefined });
  return { status: 202, jsonBody: { ...Object(jsonBody), unfinished, note: "the timers run the remaining passes" } };
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(undefined), { once: true }));
}
