import { app, type EventGridEvent, type InvocationContext } from "@azure/functions";
import { dependencies } from "../shared/dependencies.ts";
import { eachCluster } from "../shared/reconcile/due.ts";
import { policyOf } from "../shared/reconcile/policy.ts";
import { reconcileExtension } from "../shared/reconcile/reconcile.ts";
import { noteLookAgain } from "../shared/reconcile/requests.ts";
import { logResults } from "../shared/report/log.ts";
import { clustersOf, parseEvent } from "../shared/triggers/events.ts";

/** Event Grid waits 30 s for the answer, cold start included. */
const PASS_WITHIN_MS = 20_000;

/** An event only says "look again"; it fails only when that could not be noted, for Event Grid to bring it again. */
async function scaleSetEvent(event: EventGridEvent, context: InvocationContext): Promise<void> {
  const deps = dependencies();
  const signal = AbortSignal.timeout(PASS_WITHIN_MS);
  const subject = parseEvent(event);
  if (subject.kind === "none") {
    context.warn("event dropped", { why: subject.why });
    return;
  }
  const clusters = await clustersOf(subject, deps, signal);
  if (clusters.length === 0) context.log("event dropped", { why: "it is about none of the clusters" });
  for (const cluster of clusters) {
    await noteLookAgain(deps.records, cluster, { flow: "extension", at: deps.now(), why: "event" }, signal);
  }
  const request = { cause: "event", policy: policyOf(deps.config.mode), signal } as const;
  const results = await eachCluster(clusters, clusters.length, (cluster) => reconcileExtension(cluster, deps, request));
  logResults(context, results);
}

app.eventGrid("scaleSetEvent", { handler: scaleSetEvent });
