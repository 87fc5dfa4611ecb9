import type { ExtensionAction } from "../model/action.ts";
import type { Flow } from "../model/flow.ts";
import type { ClusterId } from "../model/ids.ts";
import { freshFacts, type NodeFacts } from "../model/node.ts";
import type { ExtensionObserved } from "../model/observed.ts";
import type { FoundPauses } from "../model/pauses.ts";
import { type EpochMs, MINUTE_MS } from "../model/time.ts";
import { actExtension } from "./act.ts";
import { adopt } from "./adopt.ts";
import type { ExtensionDesired } from "./desired.ts";
import { forgetWaits } from "./forget-waits.ts";
import { measure } from "./measure.ts";
import { EMPTY_MEMORY, type ExtensionMemory, parseExtensionMemory } from "./memory.ts";
import { type ExtensionSources, observeExtension } from "./observe.ts";
import { planExtension } from "./plan.ts";
import { flowsForBatches } from "./record-batch.ts";
import { recordObservation } from "./record-observation.ts";
import { releaseHolds } from "./release.ts";
import { remember } from "./remember.ts";
import { summarize } from "./summarize.ts";

/** The clients, settings and clock of the extension flow. */
export interface ExtensionDeps extends ExtensionSources {
  readonly desired: ExtensionDesired;
  readonly facts: {
    /** Returns undefined before the endpoints flow has listed the nodes of the cluster. */
    nodes(cluster: ClusterId, signal: AbortSignal): Promise<NodeFacts | undefined>;
    pauses(cluster: ClusterId, signal: AbortSignal): Promise<FoundPauses>;
  };
  readonly now: () => EpochMs;
}

/** Reconciles the DSC extension in the models of a cluster's Windows scale sets and on their instances. */
export const extensionFlow: Flow<ExtensionDeps, ExtensionMemory, ExtensionObserved, ExtensionAction> = {
  name: "extension",
  limitMs: 4 * MINUTE_MS,
  emptyMemory: EMPTY_MEMORY,
  parseMemory: parseExtensionMemory,
  forgetWaits,
  observe: async (memory, { cluster, deps, startedAt, signal }) => {
    const { desired, facts } = deps;
    const [nodes, pauses, observed] = await Promise.all([
      facts.nodes(cluster, signal),
      facts.pauses(cluster, signal),
      observeExtension(cluster, deps, memory, { at: startedAt, desired, signal }),
    ]);
    return { ...observed, nodes: freshFacts(nodes, startedAt), pauses };
  },
  recordObservation: (memory, observed, { deps, adopt: wanted, release }) => {
    const known = release ? releaseHolds(memory, release) : memory;
    const recorded = recordObservation(known, observed, deps.desired);
    return wanted ? adopt(recorded, observed, wanted, deps.desired.owner) : recorded;
  },
  requestedFlows: flowsForBatches,
  plan: (observed, memory, { cluster, deps }) => planExtension(cluster, deps.desired, observed, memory),
  act: (actions, { cluster, deps, policy, signal }) => actExtension(actions, { ...deps, cluster, policy, signal }),
  remember,
  measure,
  summarize,
};
