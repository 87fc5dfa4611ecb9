import type { Dependencies } from "../dependencies.ts";
import { actEndpoints } from "../endpoints/act.ts";
import {
  EMPTY_ENDPOINTS_MEMORY,
  type EndpointsMemory,
  isEndpointsMemory,
  rememberEndpoints,
  rememberEndpointsFailure,
} from "../endpoints/memory.ts";
import { observeEndpoints } from "../endpoints/observe.ts";
import { planEndpoints } from "../endpoints/plan.ts";
import { actExtension } from "../extension/act.ts";
import { EMPTY_MEMORY, exporterStatuses, type ExtensionMemory, isMemory } from "../extension/memory.ts";
import { observeExtension } from "../extension/observe.ts";
import { planExtension } from "../extension/plan.ts";
import { recordObservation } from "../extension/record-observation.ts";
import { forgetBackOffs, remember, rememberFailure } from "../extension/remember.ts";
import type { EndpointsAction, ExtensionAction } from "../model/action.ts";
import type { Report } from "../model/flow.ts";
import type { ClusterId } from "../model/ids.ts";
import type { ExporterStatuses } from "../model/node.ts";
import type { EndpointsObserved, ExtensionObserved } from "../model/observed.ts";
import { summarize, summarizeEndpoints } from "../report/summarize.ts";
import { type PassRequest, readMemory, takeTurn, type TurnResult } from "./exclusive.ts";
import { previewPass, runPass, type Stages } from "./pass.ts";

/** A pass ends itself: a function that overruns its time would end the worker, and every other pass in it. */
const EXTENSION_LIMIT_MS = 4 * 60_000;
const ENDPOINTS_LIMIT_MS = 45_000;

/** The extension flow of one cluster: lease, memory, observe, plan, act, remember, report. */
export function reconcileExtension(cluster: ClusterId, deps: Dependencies, request: PassRequest): Promise<TurnResult> {
  const bounded = { ...request, means: deps, limitMs: EXTENSION_LIMIT_MS };
  return takeTurn(cluster, "extension", bounded, (turn) =>
    runPass(extensionStages(cluster, deps), { cluster, now: deps.now }, turn),
  );
}

/** What that pass would do; nothing is written anywhere. */
export async function previewExtension(cluster: ClusterId, deps: Dependencies, request: PassRequest): Promise<Report> {
  const stored = await readMemory(deps.records, cluster, "extension", request.signal);
  return previewPass(extensionStages(cluster, deps), { cluster, now: deps.now }, request, stored);
}

/** The endpoints flow of one cluster, in the same stages. */
export function reconcileEndpoints(cluster: ClusterId, deps: Dependencies, request: PassRequest): Promise<TurnResult> {
  const bounded = { ...request, means: deps, limitMs: ENDPOINTS_LIMIT_MS };
  return takeTurn(cluster, "endpoints", bounded, (turn) =>
    runPass(endpointsStages(cluster, deps), { cluster, now: deps.now }, turn),
  );
}

/** What that pass would do; nothing is written anywhere. */
export async function previewEndpoints(cluster: ClusterId, deps: Dependencies, request: PassRequest): Promise<Report> {
  const stored = await readMemory(deps.records, cluster, "endpoints", request.signal);
  return previewPass(endpointsStages(cluster, deps), { cluster, now: deps.now }, request, stored);
}

function extensionStages(
  cluster: ClusterId,
  deps: Dependencies,
): Stages<ExtensionMemory, ExtensionObserved, ExtensionAction> {
  const { desired } = deps;
  return {
    flow: "extension",
    load: (stored, cause) => {
      const memory = isMemory(stored) ? stored : EMPTY_MEMORY;
      // Somebody who asks by hand has mended something.
      return cause === "resync" ? forgetBackOffs(memory) : memory;
    },
    observe: (memory, moment) => observeExtension(cluster, deps, memory, moment),
    notice: (memory, observed) => recordObservation(memory, observed, desired.owner),
    plan: (observed, memory) => planExtension(cluster, desired, observed, memory),
    act: (actions, { policy, signal }) => actExtension(actions, { ...deps, cluster, policy, signal }),
    remember,
    rememberFailure,
    summarize,
  };
}

function endpointsStages(
  cluster: ClusterId,
  deps: Dependencies,
): Stages<EndpointsMemory, EndpointsObserved, EndpointsAction> {
  const { desiredEndpoints: desired, kube, now } = deps;
  return {
    flow: "endpoints",
    load: (stored) => (isEndpointsMemory(stored) ? stored : EMPTY_ENDPOINTS_MEMORY),
    observe: async (_, moment) => {
      const client = await kube.open(cluster, moment.signal);
      return observeEndpoints(client, await readInstalls(cluster, deps, moment.signal), moment);
    },
    notice: (memory) => memory,
    plan: (observed, memory) => planEndpoints(cluster, desired, observed, memory),
    act: async (actions, { policy, signal }) => {
      return actEndpoints(actions, { kube: await kube.open(cluster, signal), policy, now, signal });
    },
    remember: rememberEndpoints,
    rememberFailure: (memory, _, at) => rememberEndpointsFailure(memory, at),
    summarize: summarizeEndpoints,
  };
}

/** The extension flow's memory is read here, and written by that flow alone. */
async function readInstalls(
  cluster: ClusterId,
  { records }: Dependencies,
  signal: AbortSignal,
): Promise<ExporterStatuses | undefined> {
  const stored = await readMemory(records, cluster, "extension", signal);
  return isMemory(stored) ? exporterStatuses(stored) : undefined;
}
