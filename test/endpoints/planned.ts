import type { EndpointsDesired } from "../../shared/endpoints/desired.ts";
import type { EndpointsMemory } from "../../shared/endpoints/memory.ts";
import { planEndpoints } from "../../shared/endpoints/plan.ts";
import type { EndpointsAction } from "../../shared/model/action.ts";
import type { EndpointsObserved } from "../../shared/model/observed.ts";
import type { Plan } from "../../shared/model/plan.ts";
import { desiredEndpoints, endpointsMemory, publishedWorld } from "../build-nodes.ts";
import { CLUSTER_ID } from "../build.ts";

/** Overrides of a world in which nodes 1 and 2 are published and in sync. */
export interface World {
  readonly desired?: Partial<EndpointsDesired>;
  readonly observed?: Partial<EndpointsObserved>;
  readonly memory?: Partial<EndpointsMemory>;
}

/** Returns the plan for a world with overrides. */
export function plan({ desired, observed, memory }: World, nodeIds: readonly number[] = [1, 2]): Plan<EndpointsAction> {
  const observation = publishedWorld(nodeIds, observed);
  return planEndpoints(CLUSTER_ID, desiredEndpoints(desired), observation, endpointsMemory(memory));
}

/** Describes the cluster's first verdict and, after arrows, the writes. */
export function describePlan({ verdicts, actions }: Plan<EndpointsAction>): string {
  const [cluster] = verdicts;
  return [
    [cluster?.state, cluster?.reason].filter((each) => each !== undefined).join(" "),
    ...actions.map(describeWrite),
  ].join(" -> ");
}

/** Describes one write: `slice 0`, or `no slice 0` for a deletion. */
export function describeWrite(action: EndpointsAction): string {
  if (action.kind === "apply-endpoint-slice") return `slice ${action.slice.name.slice(17)}`;
  if (action.kind === "delete-endpoint-slice") return `no slice ${action.name.slice(17)}`;
  return action.kind === "apply-endpoints" ? `object of ${action.endpoints.endpoints.length}` : "no object";
}
