import * as v from "valibot";
import { CallError } from "../clients/errors.ts";
import type { Records } from "../clients/storage/records.ts";
import { epochMs, parserOf } from "../model/schema.ts";
import type { EpochMs } from "../model/time.ts";
import { blobName, type PassTarget, type StorageDeps } from "./blobs.ts";

const parseRequest = parserOf(v.object({ at: epochMs, cause: v.string() }));

/** An open request for a pass. */
export interface OpenRequest {
  /** When it was first left. */
  readonly at: EpochMs;
  readonly etag: string;
}

/** Requests a pass. Requests that no pass has served yet count as one, which keeps the time of the first. */
export async function requestPass(
  { records, now }: StorageDeps,
  target: PassTarget,
  cause: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await records.write(blobName("requests", target), { at: now(), cause }, "absent", signal);
  } catch (error) {
    if (!(error instanceof CallError) || error.fault !== "conflict") throw error;
  }
}

/** Returns the open request, if there is one. One that cannot be read is as old as can be. */
export async function readRequest(
  records: Records,
  target: PassTarget,
  signal: AbortSignal,
): Promise<OpenRequest | undefined> {
  const stored = await records.read(blobName("requests", target), signal);
  if (!stored) return undefined;
  return { at: parseRequest(stored.value)?.at ?? 0, etag: stored.etag };
}

/** Takes the open request, which the pass that begins now serves; a newer one stays. Returns whether there was one. */
export async function takeRequest(records: Records, target: PassTarget, signal: AbortSignal): Promise<boolean> {
  const request = await readRequest(records, target, signal);
  if (request) await records.remove(blobName("requests", target), request.etag, signal);
  return request !== undefined;
}
