import type { Records, StoredRecord } from "../clients/storage/records.ts";
import type { EpochMs } from "../model/time.ts";
import { blobName, type PassTarget } from "./blobs.ts";

/** Requests a pass. Requests that no pass has answered yet count as one. */
export async function requestPass(
  { records, now }: { readonly records: Records; readonly now: () => EpochMs },
  target: PassTarget,
  cause: string,
  signal: AbortSignal,
): Promise<void> {
  await records.write(blobName("requests", target), { at: now(), cause }, "any", signal);
}

/** Returns the open request, if there is one. */
export function readRequest(
  records: Records,
  target: PassTarget,
  signal: AbortSignal,
): Promise<StoredRecord | undefined> {
  return records.read(blobName("requests", target), signal);
}

/** Takes the open request, which the pass that begins now answers; a newer one stays. Returns whether there was one. */
export async function takeRequest(records: Records, target: PassTarget, signal: AbortSignal): Promise<boolean> {
  const request = await readRequest(records, target, signal);
  if (request) await records.remove(blobName("requests", target), request.etag, signal);
  return request !== undefined;
}
