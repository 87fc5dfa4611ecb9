import type { EndpointsDesired } from "../../shared/endpoints/desired.ts";
import type { EndpointsMemory } from "../../shared/endpoints/memory.ts";
import { planEndpoints } from "../../shared/endpoints/plan.ts";
import type { EndpointsAction } from "../../shared/model/action.ts";
import type { EndpointsObserved } from "../../shared/model/observed.ts";
import type { Plan } from "../../shared/model/plan.ts";
import { desiredEndpoints, endpointsMemory, publishedWorld } from "../build-nodes.ts";
import { CLUSTER_ID } from "../build.ts";

/** A well world, but for what is named. */
export interface World {
  readonly desired?: Partial<EndpointsDesired>;
  readonly observed?: Partial<EndpointsObserved>;
  readonly memory?: Partial<EndpointsMemory>;
}

/** Nodes 1 and 2 are published, but for what is named. */
export function plan({ desired, observed, memory }: World, holding: readonly number[] = [1, 2]): Plan<EndpointsAction> {
  const seen = publishedWorld(holding, observed);
  return planEndpoints(CLUSTER_ID, desiredEndpoints(desired), seen, endpointsMemory(memory));
}

/** The cluster's first verdict, and after arrows what is written. */
export function words({ verdicts, actions }: Plan<EndpointsAction>): string {
  const [cluster] = verdicts;
  return [[cluster?.state, cluster?.reason].filter((each) => each !== undefined).join(" "), ...actions.map(write)].join(
    " -> ",
  );
}

/** One write, in words. */
export function write(action: EndpointsAction): string {
  if (action.kind === "apply-endpoint-slice") return `slice ${action.slice.name.slice(17)}`;
  if (action.kind === "delete-endpoint-slice") return `no slice ${action.name.slice(17)}`;
  return action.kind === "apply-endpoints" ? `object of ${action.endpoints.endpoints.length}` : "no object";
}
