import * as v from "valibot";
import { CallError } from "../clients/errors.ts";
import type { Records } from "../clients/storage/records.ts";
import type { PassRequest } from "../model/flow.ts";
import type { Cause } from "../model/report.ts";
import { epochMs, object, parserOf } from "../model/schema.ts";
import { type EpochMs, MINUTE_MS } from "../model/time.ts";
import { type BlobTarget, blobName, type StorageDeps } from "./blobs.ts";

/** `cause` is a text: a later version may have others. */
const request = object({ at: epochMs, cause: v.string() });
const parseRequest = parserOf(request);
const RESYNC = "resync";

/** An open request for a pass. */
export interface OpenRequest {
  /** When it was first made; undefined if it cannot be read. */
  readonly at: EpochMs | undefined;
  /** Whether an operator asked for a resync, which also ends waits. */
  readonly isResync: boolean;
  readonly etag: string;
}

/**
 * Requests a pass. Requests that no pass has served yet count as one, which keeps the time of the first; a resync among
 * them makes it a resync.
 */
export async function requestPass(
  deps: StorageDeps,
  target: BlobTarget,
  cause: Cause,
  signal: AbortSignal,
): Promise<void> {
  const name = blobName("requests", target);
  await ignoreConflict(deps.records.write(name, { at: deps.now(), cause }, "absent", signal));
  if (cause !== RESYNC) return;
  const open = await readRequest(deps.records, target, signal);
  if (!open || open.isResync) return;
  await ignoreConflict(deps.records.write(name, { at: open.at ?? deps.now(), cause }, { etag: open.etag }, signal));
}

/** Replaces a request that cannot be read by one of now, so that its age is known from now on. */
export async function renewRequest(
  deps: StorageDeps,
  target: BlobTarget,
  { etag }: OpenRequest,
  { cause, signal }: Pick<PassRequest, "cause" | "signal">,
): Promise<void> {
  const renewed = { at: deps.now(), cause };
  await ignoreConflict(deps.records.write(blobName("requests", target), renewed, { etag }, signal));
}

/** A pass takes at most 4 minutes, and serves a request at its start or its end. */
const LONGEST_UNSERVED_MS = 10 * MINUTE_MS;

/** Returns whether a request is so old that no worker can be behind the lease. */
export function isUnserved(request: OpenRequest | undefined, now: EpochMs): boolean {
  return request?.at !== undefined && now - request.at > LONGEST_UNSERVED_MS;
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
  target: BlobTarget,
  signal: AbortSignal,
): Promise<OpenRequest | undefined> {
  const stored = await records.read(blobName("requests", target), signal);
  if (!stored) return undefined;
  const parsed = parseRequest(stored.value);
  return { at: parsed?.at, isResync: parsed?.cause === RESYNC, etag: stored.etag };
}

/** Takes and returns the open request, which the pass that begins now serves; a newer one stays. */
export async function takeRequest(
  records: Records,
  target: BlobTarget,
  signal: AbortSignal,
): Promise<OpenRequest | undefined> {
  const open = await readRequest(records, target, signal);
  if (open) await records.remove(blobName("requests", target), open.etag, signal);
  return open;
}
