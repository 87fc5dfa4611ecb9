import * as v from "valibot";
import { CallError } from "../clients/errors.ts";
import type { Records } from "../clients/storage/records.ts";
import type { PassRequest } from "../model/flow.ts";
import { epochMs, object, parserOf } from "../model/schema.ts";
import type { EpochMs } from "../model/time.ts";
import { blobName, type PassTarget, type StorageDeps } from "./blobs.ts";

const request = object({ at: epochMs, cause: v.string() });
const parseRequest = parserOf(request);

/** An open request for a pass. */
export interface OpenRequest {
  /** When it was made; undefined if it cannot be read. */
  readonly at: EpochMs | undefined;
  readonly etag: string;
}

/** Requests a pass. Requests that no pass has served yet count as one, which keeps the time of the first. */
export async function requestPass(
  deps: StorageDeps,
  target: PassTarget,
  cause: string,
  signal: AbortSignal,
): Promise<void> {
  await ignoreConflict(deps.records.write(blobName("requests", target), requestOf(deps, cause), "absent", signal));
}

/** Replaces a request that cannot be read by one of now, so that its age is known from now on. */
export async function renewRequest(
  deps: StorageDeps,
  target: PassTarget,
  { etag }: OpenRequest,
  { cause, signal }: Pick<PassRequest, "cause" | "signal">,
): Promise<void> {
  await ignoreConflict(deps.records.write(blobName("requests", target), requestOf(deps, cause), { etag }, signal));
}

function requestOf({ now }: StorageDeps, cause: string): v.InferInput<typeof request> {
  return { at: now(), cause };
}

async function ignoreConflict(writing: Promise<string>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    if (!(error instanceof CallError) || error.fault !== "conflict") throw error;
  }
}

/** Returns the open request, if there is one. One that cannot be read is a request, too. */
export async function readRequest(
  records: Records,
  target: PassTarget,
  signal: AbortSignal,
): Promise<OpenRequest | undefined> {
  const stored = await records.read(blobName("requests", target), signal);
  if (!stored) return undefined;
  return { at: parseRequest(stored.value)?.at, etag: stored.etag };
}

/** Takes the open request, which the pass that begins now serves; a newer one stays. Returns whether there was one. */
export async function takeRequest(records: Records, target: PassTarget, signal: AbortSignal): Promise<boolean> {
  const open = await readRequest(records, target, signal);
  if (open) await records.remove(blobName("requests", target), open.etag, signal);
  return open !== undefined;
}
