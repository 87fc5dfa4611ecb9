import * as v from "valibot";
import type { Dependencies } from "../dependencies.ts";
import type { Facts } from "../flows.ts";
import type { Flow } from "../model/flow.ts";
import { type ClusterId, splitId } from "../model/ids.ts";
import { isRecord } from "../model/json.ts";
import { parserOf } from "../model/schema.ts";
import { SECOND_MS } from "../model/time.ts";
import { eachCluster } from "../reconcile/each-cluster.ts";
import { policyOf } from "../reconcile/policy.ts";
import { reconcile } from "../reconcile/reconcile.ts";
import { requestPass } from "../reconcile/requests.ts";
import { logLine, type Logger, logResults } from "../report/log.ts";

/** Event Grid waits 30 s for the answer, cold start included. */
const PASS_WITHIN_MS = 20 * SECOND_MS;

/** The subject of an event; the app uses nothing else of it. */
export type EventSubject =
  | { readonly kind: "scale-set"; readonly subscription: string; readonly resourceGroup: string }
  | { readonly kind: "cluster"; readonly id: string }
  | { readonly kind: "none"; readonly message: string };

const SCALE_SET_URI =
  /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/microsoft\.compute\/virtualmachinescalesets\//i;
const RESOURCE_WRITE = /^microsoft\.resources\.resourcewritesuccess$/i;
const POOL_ROLLED = /^microsoft\.containerservice\.nodepoolrolling(succeeded|failed)$/i;

/** A text; "" instead of any other value, so that the field of the other schema does not replace it. */
const text = v.nullish(v.fallback(v.string(), ""));
/** The fields of the Event Grid schema and of the CloudEvents schema that the app reads. */
const fields = v.object({
  eventType: text,
  type: text,
  topic: text,
  source: text,
  subject: text,
  data: v.nullish(v.fallback(v.object({ resourceUri: text }), {})),
});
const parse = parserOf(
  v.pipe(
    v.custom<v.InferInput<typeof fields>>(isRecord),
    fields,
    v.transform(({ eventType, type, topic, source, subject, data }) => ({
      type: eventType ?? type,
      topic: topic ?? source,
      resource: data?.resourceUri ?? subject,
    })),
  ),
);

/** Returns the subject of an event in the Event Grid schema or the CloudEvents schema. */
export function parseEvent(event: unknown): EventSubject {
  const parsed = parse(event);
  if (!parsed) return none(`found ${typeof event}, expected an event object`);
  const { type, topic, resource } = parsed;
  if (!type) return none("found no eventType or type, expected an event");
  if (POOL_ROLLED.test(type)) {
    return topic
      ? { kind: "cluster", id: topic }
      : none(`found ${type} without topic or source, expected the id of a cluster`);
  }
  return RESOURCE_WRITE.test(type) ? aboutResource(resource) : none(`the app does not handle events of type ${type}`);
}

const none = (message: string): EventSubject => ({ kind: "none", message });

function aboutResource(uri: string | null | undefined): EventSubject {
  const [, subscription, resourceGroup] = SCALE_SET_URI.exec(`${uri ?? ""}/`) ?? [];
  if (subscription === undefined || resourceGroup === undefined) return none("the event is not about a scale set");
  return { kind: "scale-set", subscription: subscription.toLowerCase(), resourceGroup: resourceGroup.toLowerCase() };
}

/**
 * Requests a pass of every cluster that an event is about, and runs it if the lease is free. Throws only when a request
 * could not be recorded, so that Event Grid delivers the event again.
 */
export async function handleEvent(
  event: unknown,
  flow: Flow<Dependencies>,
  deps: Dependencies,
  logger: Logger,
): Promise<void> {
  const signal = AbortSignal.timeout(PASS_WITHIN_MS);
  const subject = parseEvent(event);
  if (subject.kind === "none") {
    logger.warn(logLine("event-dropped", { message: subject.message }));
    return;
  }
  const clusters = await clustersOf(subject, deps, signal);
  if (clusters.length === 0) logger.log(logLine("event-dropped", { message: "it is about none of the clusters" }));
  for (const cluster of clusters) await requestPass(deps, { flow, cluster }, "event", signal);
  const request = { cause: "event", policy: policyOf(deps.config.MODE), signal } as const;
  const targets = clusters.map((cluster) => ({ cluster }));
  const results = await eachCluster(targets, targets.length, ({ cluster }) => reconcile(flow, cluster, deps, request));
  logResults(logger, results);
}

/** Node resource groups that this worker has read. The node resource group of a cluster never changes. */
const nodeResourceGroups = new Map<ClusterId, string>();

/** Returns the clusters that an event is about. Any event of its subscription may be about a cluster that no pass has read yet. */
export async function clustersOf(
  subject: EventSubject,
  { config, facts }: { readonly facts: Pick<Facts, "nodeResourceGroup"> } & Pick<Dependencies, "config">,
  signal: AbortSignal,
): Promise<readonly ClusterId[]> {
  if (subject.kind === "none") return [];
  if (subject.kind === "cluster") {
    const id = subject.id.toLowerCase();
    return config.AKS_CLUSTER_IDS.filter((cluster) => cluster === id);
  }
  const found: ClusterId[] = [];
  for (const cluster of config.AKS_CLUSTER_IDS) {
    if (splitId(cluster).subscription !== subject.subscription) continue;
    const group = nodeResourceGroups.get(cluster) ?? (await facts.nodeResourceGroup(cluster, signal))?.toLowerCase();
    if (group) nodeResourceGroups.set(cluster, group);
    if (!group || group === subject.resourceGroup) found.push(cluster);
  }
  return found;
}
