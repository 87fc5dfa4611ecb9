import { type Dependencies, dependencies } from "../dependencies.ts";
import type { Flow } from "../model/flow.ts";
import { MINUTE_MS } from "../model/time.ts";
import { findDueClusters } from "../reconcile/due.ts";
import { eachCluster } from "../reconcile/each-cluster.ts";
import { policyOf } from "../reconcile/policy.ts";
import { reconcile } from "../reconcile/reconcile.ts";
import { type Logger, logResults } from "../report/log.ts";

/** The schedule of both timers, as the host reads it (NCRONTAB). */
export const EVERY_MINUTE = "0 * * * * *";

/** Well below `functionTimeout`, which ends the worker with every other pass in it. */
const RUN_WITHIN_MS = 8 * MINUTE_MS;

/** Runs a flow for every cluster that is due. Throws if a call failed, so that the platform records a failed invocation. */
export async function runTimer(flow: Flow<Dependencies>, logger: Logger): Promise<void> {
  const deps = dependencies();
  const { AKS_CLUSTER_IDS: clusters, CLUSTER_CONCURRENCY, MODE } = deps.config;
  const policy = policyOf(MODE);
  const signal = AbortSignal.timeout(RUN_WITHIN_MS);
  const { due, failed } = await findDueClusters(flow, clusters, deps, signal);
  const results = await eachCluster(due, flow.concurrency ?? CLUSTER_CONCURRENCY, ({ cluster, cause }) =>
    reconcile(flow, cluster, deps, { cause, policy, signal }),
  );
  const failures = logResults(logger, [...failed, ...results]);
  if (failures.length > 0) throw new Error(`calls failed: ${failures.join("; ")}`);
}
