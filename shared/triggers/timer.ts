import { dependencies, type Dependencies } from "../dependencies.ts";
import type { Flow } from "../model/flow.ts";
import type { ClusterId } from "../model/ids.ts";
import { dueBecause, eachCluster } from "../reconcile/due.ts";
import type { PassRequest, TurnResult } from "../reconcile/exclusive.ts";
import { policyOf } from "../reconcile/policy.ts";
import { type Logger, logResults } from "../report/log.ts";

/** Well before `functionTimeout`, which would end the worker and every other pass in it. */
const RUN_WITHIN_MS = 8 * 60_000;

type Reconcile = (cluster: ClusterId, deps: Dependencies, request: PassRequest) => Promise<TurnResult>;

/** Runs one flow of every cluster that is due; throws where a pass left work undone, for the platform to see it. */
export async function runTimer(flow: Flow, reconcile: Reconcile, logger: Logger): Promise<void> {
  const deps = dependencies();
  const { clusters, clusterConcurrency, mode } = deps.config;
  const signal = AbortSignal.timeout(RUN_WITHIN_MS);
  const results = await eachCluster(clusters, clusterConcurrency, async (cluster) => {
    const cause = await dueBecause(cluster, flow, deps, signal);
    return cause && reconcile(cluster, deps, { cause, policy: policyOf(mode), signal });
  });
  const failures = logResults(logger, results);
  if (failures.length > 0) throw new Error(`passes left work undone: ${failures.join("; ")}`);
}
