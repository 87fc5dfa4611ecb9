import { app, type InvocationContext, type Timer } from "@azure/functions";
import { readSchedule } from "../shared/config.ts";
import { dependencies } from "../shared/dependencies.ts";
import { dueBecause, eachCluster } from "../shared/fleet.ts";
import { policyOf } from "../shared/policy.ts";
import { reconcileExtension } from "../shared/reconcile.ts";
import { logResults } from "../shared/report/log.ts";

/** Well before `functionTimeout`, which would end the worker and every other pass in it. */
const RUN_WITHIN_MS = 8 * 60_000;

/** The level trigger: it alone suffices, events only make it quicker. */
async function reconcileTimer(_timer: Timer, context: InvocationContext): Promise<void> {
  const deps = dependencies();
  const { clusters, clusterConcurrency, mode } = deps.config;
  const signal = AbortSignal.timeout(RUN_WITHIN_MS);
  const results = await eachCluster(clusters, clusterConcurrency, async (cluster) => {
    const cause = await dueBecause(cluster, "extension", deps, signal);
    return cause && reconcileExtension(cluster, deps, { cause, policy: policyOf(mode), signal });
  });
  const failures = logResults(context, results);
  if (failures.length > 0) throw new Error(`passes left work undone: ${failures.join("; ")}`);
}

app.timer("reconcileTimer", { schedule: readSchedule(process.env), handler: reconcileTimer });
