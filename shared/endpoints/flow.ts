import type { KubeClients } from "../clients/kubernetes/client.ts";
import type { EndpointsAction } from "../model/action.ts";
import type { Flow, PassRequest } from "../model/flow.ts";
import type { ClusterId } from "../model/ids.ts";
import type { ExporterStatuses } from "../model/node.ts";
import type { EndpointsObserved } from "../model/observed.ts";
import { type EpochMs, SECOND_MS } from "../model/time.ts";
import { actEndpoints } from "./act.ts";
import type { EndpointsDesired } from "./desired.ts";
import {
  EMPTY_ENDPOINTS_MEMORY,
  type EndpointsMemory,
  forgetEndpointsWaits,
  parseEndpointsMemory,
  rememberEndpoints,
} from "./memory.ts";
import { flowsForNewNodes, recordNewNodes } from "./new-nodes.ts";
import { toNodeFacts } from "./node-facts.ts";
import { observeEndpoints } from "./observe.ts";
import { planEndpoints } from "./plan.ts";
import { summarize } from "./summarize.ts";

/** Dependencies of the endpoints flow. */
export interface EndpointsDeps {
  readonly desiredEndpoints: EndpointsDesired;
  readonly kube: KubeClients;
  readonly facts: {
    /** Returns undefined before the extension flow has listed a scale set of the cluster. */
    exporters(cluster: ClusterId, signal: AbortSignal): Promise<ExporterStatuses | undefined>;
  };
  readonly now: () => EpochMs;
}

/** A resync that adopts in one pool is about the extension flow: the objects of this one belong to no pool. */
function isAdopting({ adopt }: PassRequest): boolean {
  return adopt !== undefined && adopt.pool === undefined;
}

/** Publishes the addresses of a cluster's Windows nodes as the endpoints of the Service that Prometheus discovers. */
export const endpointsFlow: Flow<EndpointsDeps, EndpointsMemory, EndpointsObserved, EndpointsAction> = {
  name: "endpoints",
  limitMs: 45 * SECOND_MS,
  // An API server that does not answer takes a place for 15 s; a pass costs little else.
  concurrency: 32,
  emptyMemory: EMPTY_ENDPOINTS_MEMORY,
  parseMemory: parseEndpointsMemory,
  forgetWaits: forgetEndpointsWaits,
  observe: async (_, { cluster, deps, startedAt, signal }) => {
    const client = await deps.kube.open(cluster, signal);
    return observeEndpoints(client, await deps.facts.exporters(cluster, signal), { at: startedAt, signal });
  },
  recordObservation: (memory, observed, { deps }) => ({
    ...recordNewNodes(memory, observed, deps.desiredEndpoints),
    // Also by a pass that then refuses to publish.
    nodeFacts: toNodeFacts(observed.nodes, observed.at),
  }),
  requestedFlows: flowsForNewNodes,
  plan: (observed, memory, pass) =>
    planEndpoints(pass.cluster, { ...pass.deps.desiredEndpoints, adopts: isAdopting(pass) }, observed, memory),
  act: async (actions, pass) => {
    const { cluster, deps, policy, signal } = pass;
    const kube = await deps.kube.open(cluster, signal);
    return actEndpoints(actions, { kube, policy, adopts: isAdopting(pass), now: deps.now, signal });
  },
  remember: rememberEndpoints,
  summarize,
};
