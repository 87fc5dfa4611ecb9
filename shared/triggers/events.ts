import type { Dependencies } from "../dependencies.ts";
import { type ClusterId, splitId } from "../model/ids.ts";
import { isRecord } from "../model/json.ts";
import { readMemory } from "../reconcile/exclusive.ts";

/** What an event may be about; nothing else in it is used. */
export type EventSubject =
  | { readonly kind: "scale-set"; readonly subscription: string; readonly resourceGroup: string }
  | { readonly kind: "cluster"; readonly id: string }
  | { readonly kind: "none"; readonly why: string };

const SCALE_SET_URI =
  /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/microsoft\.compute\/virtualmachinescalesets\//i;
const RESOURCE_WRITE = /^microsoft\.resources\.resourcewritesuccess$/i;
const POOL_ROLLED = /^microsoft\.containerservice\.nodepoolrolling(succeeded|failed)$/i;

/** Reads an event of the Event Grid or of the CloudEvents schema, which call the same things by other names. */
export function parseEvent(event: unknown): EventSubject {
  if (!isRecord(event)) return { kind: "none", why: `found ${typeof event}, expected an event object` };
  const type = event["eventType"] ?? event["type"];
  if (typeof type !== "string") return { kind: "none", why: "found no eventType or type, expected an event" };
  if (POOL_ROLLED.test(type)) return aboutCluster(type, event["topic"] ?? event["source"]);
  return RESOURCE_WRITE.test(type)
    ? aboutResource(event)
    : { kind: "none", why: `events of type ${type} are not looked at` };
}

function aboutCluster(type: string, topic: unknown): EventSubject {
  return typeof topic === "string"
    ? { kind: "cluster", id: topic }
    : { kind: "none", why: `${type} without topic or source` };
}

function aboutResource({ data, subject }: Readonly<Record<string, unknown>>): EventSubject {
  const uri = isRecord(data) ? (data["resourceUri"] ?? subject) : subject;
  const [, subscription, resourceGroup] = typeof uri === "string" ? (SCALE_SET_URI.exec(`${uri}/`) ?? []) : [];
  if (subscription === undefined || resourceGroup === undefined) {
    return { kind: "none", why: "it is not about a scale set" };
  }
  return { kind: "scale-set", subscription: subscription.toLowerCase(), resourceGroup: resourceGroup.toLowerCase() };
}

/** Node resource groups that this worker has read; a cluster keeps its own for life. */
const nodeResourceGroups = new Map<ClusterId, string>();

/** The clusters that an event is about. One that was never looked at may be meant by any event of its subscription. */
export async function clustersOf(
  subject: EventSubject,
  { config, records }: Pick<Dependencies, "config" | "records">,
  signal: AbortSignal,
): Promise<readonly ClusterId[]> {
  if (subject.kind === "none") return [];
  if (subject.kind === "cluster") {
    const id = subject.id.toLowerCase();
    return config.clusters.filter((cluster) => cluster === id);
  }
  const found: ClusterId[] = [];
  for (const cluster of config.clusters) {
    if (splitId(cluster).subscription !== subject.subscription) continue;
    const group = nodeResourceGroups.get(cluster) ?? (await readNodeResourceGroup(cluster, records, signal));
    if (group !== undefined) nodeResourceGroups.set(cluster, group);
    if (group === undefined || group === subject.resourceGroup) found.push(cluster);
  }
  return found;
}

async function readNodeResourceGroup(
  cluster: ClusterId,
  records: Dependencies["records"],
  signal: AbortSignal,
): Promise<string | undefined> {
  const memory = await readMemory(records, cluster, "extension", signal);
  const group = isRecord(memory) ? memory["nodeResourceGroup"] : undefined;
  return typeof group === "string" && group !== "" ? group.toLowerCase() : undefined;
}
