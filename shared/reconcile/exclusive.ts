import type { Lease, Leases } from "../clients/storage/lease.ts";
import type { Records } from "../clients/storage/records.ts";
import type { PassRequest, PassResult, Report } from "../model/flow.ts";
import { type EpochMs, SECOND_MS } from "../model/time.ts";
import { blobName, type PassTarget, readMemory } from "./blobs.ts";
import { requestPass, takeRequest } from "./requests.ts";

/** What the loop itself needs of the app's dependencies. */
export interface LoopDeps {
  readonly records: Records;
  readonly leases: Leases;
  readonly now: () => EpochMs;
}

/** Events come in bursts: one within this time of a pass's start is left to the timer. */
const SPACING_MS = 10 * SECOND_MS;

/**
 * Runs a pass under the lease of its target. A caller that finds the lease held leaves a request and returns `busy`; the
 * holder reads the request before it releases the lease, and runs once more. An event whose request is gone is
 * `superseded`: a pass that began after it has answered it.
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
    return "busy";
  }
  const signal = AbortSignal.any([request.signal, lease.signal, AbortSignal.timeout(target.flow.limitMs)]);
  try {
    if (cause === "event" && (await isTooSoon(target, deps, signal))) return "superseded";
    const isRequested = await takeRequest(deps.records, target, signal);
    if (cause === "event" && !isRequested) return "superseded";
    const report = await run({ ...request, signal }, lease);
    if (deps.now() - report.startedAt < SPACING_MS || signal.aborted) return report;
    const isRequestedAgain = await takeRequest(deps.records, target, signal);
    return isRequestedAgain ? await run({ ...request, cause: "request", signal }, lease) : report;
  } finally {
    await lease.release();
  }
}

async function isTooSoon(target: PassTarget, { records, now }: LoopDeps, signal: AbortSignal): Promise<boolean> {
  const { startedAt } = await readMemory(records, target, signal);
  return now() - startedAt < SPACING_MS;
}
