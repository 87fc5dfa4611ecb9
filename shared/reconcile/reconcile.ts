import type { Flow, PassContext, PassRequest, PassResult } from "../model/flow.ts";
import type { ClusterId } from "../model/ids.ts";
import type { Report } from "../model/report.ts";
import { type PassTarget, readMemory } from "./blobs.ts";
import { type LoopDeps, runExclusively } from "./exclusive.ts";
import { completePass, endsAtRest, preparePass, type PreparedPass, previewReport } from "./pass.ts";
import { pausePolicy } from "./pauses.ts";
import { allOf } from "./policy.ts";

/**
 * Runs one pass of a flow for one cluster, alone; a second one follows if another was requested while it ran. A pass of
 * the timer first observes and plans without the lease: a flow at rest needs none, and writes nothing.
 */
export async function reconcile<D>(
  flow: Flow<D>,
  cluster: ClusterId,
  deps: D & LoopDeps,
  request: PassRequest,
): Promise<PassResult> {
  const target = { flow, cluster };
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(flow.limitMs)]);
  const inTime = { ...request, signal, policy: allOf(request.policy, pausePolicy(deps, cluster, signal)) };
  const passNow = (granted: PassRequest) => ({ ...granted, cluster, deps, startedAt: deps.now() });
  let prepared: PreparedPass | undefined;
  if (request.cause === "timer") {
    prepared = await preparePass(flow, passNow(inTime));
    if (endsAtRest(flow, prepared)) return prepared.report;
  }
  return runExclusively(target, deps, inTime, async (granted, lease) => {
    const pass = passNow(granted);
    const ready = (await isStillCurrent(prepared, target, pass)) ? prepared : undefined;
    return completePass(flow, pass, ready ?? (await preparePass(flow, pass)), lease);
  });
}

/** Returns the report of the pass that `reconcile` would run now; writes nothing anywhere. */
export async function preview<D>(
  flow: Flow<D>,
  cluster: ClusterId,
  deps: D & LoopDeps,
  request: PassRequest,
): Promise<Report> {
  const policy = allOf(request.policy, pausePolicy(deps, cluster, request.signal));
  const pass = { ...request, policy, cluster, deps, startedAt: deps.now() };
  return previewReport(await preparePass(flow, pass), pass);
}

/** Returns whether a plan still holds: memory has not changed since, and no request wants what came after to be observed. */
async function isStillCurrent(
  prepared: PreparedPass | undefined,
  target: PassTarget,
  { cause, deps, signal }: PassContext<LoopDeps>,
): Promise<boolean> {
  if (!prepared || cause !== "timer") return false;
  return (await readMemory(deps.records, target, signal)).etag === prepared.stored.etag;
}
