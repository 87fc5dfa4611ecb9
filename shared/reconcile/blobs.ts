import type { Records } from "../clients/storage/records.ts";
import type { Flow, FlowMemory } from "../model/flow.ts";
import { type ClusterId, splitId } from "../model/ids.ts";
import type { EpochMs } from "../model/time.ts";

/** What reads and writes these blobs. */
export interface StorageDeps {
  readonly records: Records;
  readonly now: () => EpochMs;
}

/** One flow of one cluster: each has a lease, a memory, a report and a pass request of its own. */
export interface PassTarget<M extends FlowMemory = FlowMemory> {
  readonly flow: Pick<Flow<never, M>, "name" | "limitMs" | "parseMemory" | "emptyMemory">;
  readonly cluster: ClusterId;
}

/** What names the blobs of a flow of a cluster. */
export interface BlobTarget {
  readonly flow: { readonly name: string };
  readonly cluster: ClusterId;
}

type Kind = "leases" | "memory" | "reports" | "requests";
const EXTENSION: Readonly<Record<Kind, string>> = { leases: "", memory: ".json", reports: ".json", requests: "" };

/** Returns a blob's name: `memory/<subscription>/<resource group>/<cluster>/<flow>.json` and its like. */
export function blobName(kind: Kind, { cluster, flow }: BlobTarget): string {
  const { subscription, resourceGroup, name } = splitId(cluster);
  return `${kind}/${subscription}/${resourceGroup}/${name}/${flow.name}${EXTENSION[kind]}`;
}

/** A flow's memory as it was read. */
export interface StoredMemory<M extends FlowMemory = FlowMemory> {
  /** Empty if it is missing or lost. */
  readonly memory: M;
  /** The version that was read; undefined if the blob does not exist. */
  readonly etag: string | undefined;
  /** The blob exists, and this version of the app cannot read it. */
  readonly isLost: boolean;
}

/** Reads a flow's memory. Reading takes no lease. */
export async function readMemory<M extends FlowMemory>(
  records: Records,
  target: PassTarget<M>,
  signal: AbortSignal,
): Promise<StoredMemory<M>> {
  const { emptyMemory, parseMemory } = target.flow;
  const stored = await records.read(blobName("memory", target), signal);
  const memory = stored && parseMemory(stored.value);
  return { memory: memory ?? emptyMemory, etag: stored?.etag, isLost: stored !== undefined && memory === undefined };
}
