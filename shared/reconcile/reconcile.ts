import type { Flow, PassRequest, PassResult, Report } from "../model/flow.ts";
import type { ClusterId } from "../model/ids.ts";
import { type LoopDeps, runExclusively } from "./exclusive.ts";
import { previewPass, runPass } from "./pass.ts";

/** Runs one pass of a flow for one cluster, alone; a second one follows if another was requested while it ran. */
export function reconcile<D>(
  flow: Flow<D>,
  cluster: ClusterId,
  deps: D & LoopDeps,
  request: PassRequest,
): Promise<PassResult> {
  return runExclusively({ flow, cluster }, deps, request, (granted, lease) =>
    runPass(flow, { ...granted, cluster, deps, startedAt: deps.now() }, lease),
  );
}

/** Returns the report of the pass that `reconcile` would run now; writes nothing anywhere. */
export function preview<D>(
  flow: Flow<D>,
  cluster: ClusterId,
  deps: D & LoopDeps,
  request: PassRequest,
): Promise<Report> {
  return previewPass(flow, { ...request, cluster, deps, startedAt: deps.now() });
}
