import type { Records, StoredRecord } from "../clients/storage/records.ts";
import type { Flow } from "../model/flow.ts";
import { type ClusterId, splitId } from "../model/ids.ts";
import type { EpochMs } from "../model/time.ts";

/** `subscription/resource-group/cluster`: one folder a cluster, in each kind of blob. */
export function folderOf(cluster: ClusterId): string {
  const { subscription, resourceGroup, name } = splitId(cluster);
  return `${subscription}/${resourceGroup}/${name}`;
}

const nameOf = (cluster: ClusterId, flow: Flow): string => `look-again/${folderOf(cluster)}/${flow}`;

/** Leaves the note "look again"; many of them are one. */
export async function noteLookAgain(
  records: Records,
  cluster: ClusterId,
  note: { readonly flow: Flow; readonly at: EpochMs; readonly why: string },
  signal: AbortSignal,
): Promise<void> {
  await records.write(nameOf(cluster, note.flow), { at: note.at, why: note.why }, "any", signal);
}

/** The note, if one was left. */
export function readLookAgain(
  records: Records,
  cluster: ClusterId,
  flow: Flow,
  signal: AbortSignal,
): Promise<StoredRecord | undefined> {
  return records.read(nameOf(cluster, flow), signal);
}

/** Takes the note: a pass that begins after this answers it. One written meanwhile stays. */
export async function takeLookAgain(
  records: Records,
  cluster: ClusterId,
  flow: Flow,
  signal: AbortSignal,
): Promise<boolean> {
  const note = await readLookAgain(records, cluster, flow, signal);
  if (note) await records.remove(nameOf(cluster, flow), note.etag, signal);
  return note !== undefined;
}
