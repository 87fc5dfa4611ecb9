import { CallError } from "../clients/errors.ts";
import type { Lease, Leases } from "../clients/storage/lease.ts";
import type { PassRequest, PassResult } from "../model/flow.ts";
import type { Cause, Report } from "../model/report.ts";
import { SECOND_MS } from "../model/time.ts";
import { blobName, type PassTarget, readMemory, type StorageDeps } from "./blobs.ts";
import { isUnserved, type OpenRequest, readRequest, renewRequest, requestPass, takeRequest } from "./requests.ts";

/** What the loop itself needs of the app's dependencies. */
export interface LoopDeps extends StorageDeps {
  readonly leases: Leases;
}

/** Events come in bursts: one within this time of a pass's start is left to the timer. */
const SPACING_MS = 10 * SECOND_MS;

/**
 * Runs a pass under the lease of its target. A caller that finds the lease held leaves a request and returns `busy`; the
 * holder reads the request before it releases the lease, and runs once more. An event whose request is gone is
 * `superseded`: a pass that began after it has answered it. Throws if the lease is held and no worker serves requests.
 */
export async function runExclusively(
  target: PassTarget,
  deps: LoopDeps,
  request: PassRequest,
  run: (request: PassRequest, lease: Lease) => Promise<Report>,
): Promise<PassResult> {
  const { cause } = request;
  const lease = await deps.leases.acquire(blobName("leases", target), request.signal);
  if (!lease) {
    // An event has left its request already.
    if (cause !== "event") await requestPass(deps, target, cause, request.signal);
    await expectHolder(target, deps, request);
    return "busy";
  }
  try {
    const signal = AbortSignal.any([request.signal, lease.signal]);
    return await serve(target, deps, { ...request, signal }, (granted) => run(granted, lease));
  } finally {
    await lease.release();
  }
}

/** Runs the pass, and once more if another was requested since. */
async function serve(
  target: PassTarget,
  deps: LoopDeps,
  request: PassRequest,
  run: (request: PassRequest) => Promise<Report>,
): Promise<PassResult> {
  const { cause, signal } = request;
  const isEvent = cause === "event";
  if (isEvent && (await isTooSoon(target, deps, signal))) return "superseded";
  const requested = await takeRequest(deps.records, target, signal);
  if (isEvent && !requested) return "superseded";
  const report = await run({ ...request, cause: causeOf(cause, requested) });
  if (deps.now() - report.startedAt < SPACING_MS || signal.aborted) return report;
  const requestedAgain = await takeRequest(deps.records, target, signal);
  return requestedAgain ? run({ ...request, cause: causeOf("request", requestedAgain) }) : report;
}

/** Returns the cause of a pass that serves a request: serving the request of a resync makes it a resync. */
function causeOf(cause: Cause, requested: OpenRequest | undefined): Cause {
  if (requested?.isResync) return "resync";
  return requested && cause === "timer" ? "request" : cause;
}

async function isTooSoon(target: PassTarget, { records, now }: LoopDeps, signal: AbortSignal): Promise<boolean> {
  const { startedAt } = (await readMemory(records, target, signal)).memory;
  return now() - startedAt < SPACING_MS;
}

/** Throws if a request is so old that no worker can be behind the lease. */
async function expectHolder(target: PassTarget, deps: LoopDeps, request: PassRequest): Promise<void> {
  const open = await readRequest(deps.records, target, request.signal);
  if (!open) return;
  if (open.at === undefined) return renewRequest(deps, target, open, request);
  if (!isUnserved(open, deps.now())) return;
  const name = blobName("leases", target);
  throw new CallError(`acquire lease ${name}`, "conflict", {
    text:
      `The lease has been held since at least ${new Date(open.at).toISOString()}, and no worker runs the requested pass. ` +
      `Break the lease in the container of STATE_CONTAINER_URL: az storage blob lease break --blob-name ${name}`,
  });
}
