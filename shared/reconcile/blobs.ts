import type { Records } from "../clients/storage/records.ts";
import type { Flow, FlowMemory } from "../model/flow.ts";
import { type ClusterId, splitId } from "../model/ids.ts";

/** One flow of one cluster: each has a lease, a memory, a report and a pass request of its own. */
export interface PassTarget<M extends FlowMemory = FlowMemory> {
  readonly flow: Pick<Flow<never, M>, "name" | "limitMs" | "parseMemory">;
  readonly cluster: ClusterId;
}

type Kind = "leases" | "memory" | "reports" | "requests";
const EXTENSION: Readonly<Record<Kind, string>> = { leases: "", memory: ".json", reports: ".json", requests: "" };

/** Returns a blob's name: `memory/<subscription>/<resource group>/<cluster>/<flow>.json` and its like. */
export function blobName(kind: Kind, { cluster, flow }: PassTarget): string {
  const { subscription, resourceGroup, name } = splitId(cluster);
  return `${kind}/${subscription}/${resourceGroup}/${name}/${flow.name}${EXTENSION[kind]}`;
}

/** Reads a flow's memory without its lease: for previews, for facts, and to see whether a pass is due. */
export async function readMemory<M extends FlowMemory>(
  records: Records,
  target: PassTarget<M>,
  signal: AbortSignal,
): Promise<M> {
  const stored = await records.read(blobName("memory", target), signal);
  return target.flow.parseMemory(stored?.value);
}
