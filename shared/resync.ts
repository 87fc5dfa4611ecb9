import type { Dependencies } from "./dependencies.ts";
import { type ClusterResult, eachCluster } from "./fleet.ts";
import { noteLookAgain } from "./look-again.ts";
import type { Report } from "./model/plan.ts";
import { type ClusterId, splitId } from "./model/resource-id.ts";
import { allOf, onlyPool, policyOf } from "./policy.ts";
import { previewExtension, reconcileExtension } from "./reconcile.ts";
import { failuresOf, renderReport } from "./report/report.ts";

/** What somebody asks for by hand. */
interface ResyncRequest {
  readonly clusters: readonly ClusterId[];
  readonly pool: string | undefined;
  readonly isDryRun: boolean;
}

/** An HTTP answer: a status and what is sent as JSON. */
export interface Answer {
  readonly status: number;
  readonly jsonBody: unknown;
}

/** A function's HTTP answer must come within 230 s (Azure's load balancer): what is not done by then goes on by the timer. */
const ANSWER_WITHIN_MS = 200_000;
/** `code` is the function's key. */
const PARAMETERS = new Set(["cluster", "pool", "dry-run", "code"]);

/** Runs the flows now, or says what they would do. */
export async function resync(query: URLSearchParams, deps: Dependencies): Promise<Answer> {
  const request = parseRequest(query, deps.config.clusters);
  if ("status" in request) return request;
  const policy = allOf(...(request.pool ? [onlyPool(request.pool)] : []), policyOf(deps.config.mode));
  const timeUp = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const pass = request.isDryRun ? previewExtension : reconcileExtension;
  const finished: ClusterResult[] = [];
  const all = eachCluster(request.clusters, deps.config.clusterConcurrency, async (cluster) => {
    const result = await pass(cluster, deps, { cause: "resync", policy, signal: timeUp });
    finished.push({ cluster, result });
    return result;
  });
  const results = await Promise.race([all, aborted(timeUp)]);
  if (results) return answer(results, request);
  return postpone(finished, request, deps);
}

function parseRequest(query: URLSearchParams, known: readonly ClusterId[]): ResyncRequest | Answer {
  const unknown = [...query.keys()].filter((key) => !PARAMETERS.has(key));
  if (unknown.length > 0)
    return refusal(400, `found parameter ${unknown.join(", ")}, expected cluster, pool or dry-run`);
  const dryRun = query.get("dry-run");
  if (dryRun !== null && !/^(|true|false)$/.test(dryRun)) {
    return refusal(400, `dry-run: found '${dryRun}', expected nothing, true or false`);
  }
  const asked = query.get("cluster");
  const clusters =
    asked === null
      ? known
      : known.filter((id) => id === asked.toLowerCase() || splitId(id).name === asked.toLowerCase());
  if (clusters.length === 0)
    return refusal(
      404,
      `no cluster '${asked}'; AKS_CLUSTER_IDS names ${known.map((id) => splitId(id).name).join(", ")}`,
    );
  if (asked !== null && clusters.length > 1)
    return refusal(400, `${clusters.length} clusters are called '${asked}'; give the id`);
  return { clusters, pool: query.get("pool") ?? undefined, isDryRun: dryRun !== null && dryRun !== "false" };
}

function refusal(status: number, error: string): Answer {
  return { status, jsonBody: { error } };
}

/** 502 where a call failed, 409 where somebody else's pass runs, else 200; the reports in each case. */
function answer(results: readonly ClusterResult[], { pool }: ResyncRequest): Answer {
  const reports = results.flatMap((each) => ("result" in each && typeof each.result === "object" ? [each.result] : []));
  const wrongPool = pool === undefined ? undefined : unknownPool(pool, reports);
  if (wrongPool) return wrongPool;
  const thrown = results.flatMap((each) => ("failure" in each ? [`${each.cluster}: ${each.failure.message}`] : []));
  const failures = [...thrown, ...reports.flatMap(failuresOf)];
  const held = results.flatMap((each) => ("result" in each && each.result === "held" ? [each.cluster] : []));
  const status = failures.length > 0 ? 502 : held.length > 0 ? 409 : 200;
  const running = held.length > 0 && { running: held, note: "a pass runs; it looks again before it ends" };
  return {
    status,
    jsonBody: { reports: reports.map(renderReport), ...(failures.length > 0 && { failures }), ...running },
  };
}

/** Every pool that is looked at has a verdict. */
function unknownPool(pool: string, reports: readonly Report[]): Answer | undefined {
  const seen = reports.flatMap(({ plan }) =>
    plan.verdicts.flatMap(({ subject }) => ("pool" in subject ? [subject.pool] : [])),
  );
  const isKnown =
    seen.some((each) => each.toLowerCase() === pool.toLowerCase()) || reports.some((each) => each.failure);
  if (isKnown || reports.length === 0) return undefined;
  return refusal(404, `no Windows pool '${pool}'; there is ${seen.join(", ") || "none"}`);
}

async function postpone(
  finished: readonly ClusterResult[],
  request: ResyncRequest,
  deps: Dependencies,
): Promise<Answer> {
  const rest = request.clusters.filter((cluster) => !finished.some((each) => each.cluster === cluster));
  for (const cluster of rest) {
    const note = { flow: "extension", at: deps.now(), why: "resync" } as const;
    await noteLookAgain(deps.records, cluster, note, AbortSignal.timeout(10_000));
  }
  const { jsonBody } = answer(finished, { ...request, pool: undefined });
  return { status: 202, jsonBody: { ...Object(jsonBody), unfinished: rest, note: "the timer goes on with them" } };
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(undefined), { once: true }));
}
