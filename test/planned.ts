import type { ExtensionDesired } from "../shared/extension/desired.ts";
import type { ExtensionMemory, ScaleSetMemory } from "../shared/extension/memory.ts";
import { planExtension } from "../shared/extension/plan.ts";
import type { ExtensionAction } from "../shared/model/action.ts";
import type { Cluster, NodePool } from "../shared/model/cluster.ts";
import type { ObservedPackages } from "../shared/model/package.ts";
import type { Plan } from "../shared/model/plan.ts";
import type { ScaleSet } from "../shared/model/scale-set.ts";
import { cluster, CLUSTER_ID, desired, memory, observed, pool, scaleSet } from "./build.ts";

/** Changes of a world in which everything is current. */
export interface World {
  readonly cluster?: Partial<Cluster>;
  readonly pool?: Partial<NodePool>;
  readonly set?: Partial<ScaleSet>;
  readonly packages?: Partial<ObservedPackages>;
  readonly known?: Partial<ScaleSetMemory>;
  readonly memory?: Partial<ExtensionMemory>;
  readonly desired?: Partial<ExtensionDesired>;
}

export function plan(world: World): Plan<ExtensionAction> {
  const { packages } = observed();
  const seen = observed({
    cluster: cluster(world.cluster),
    pools: [pool(world.pool)],
    scaleSets: [scaleSet(world.set)],
    packages: { ...packages, ...world.packages },
  });
  return planExtension(CLUSTER_ID, desired(world.desired), seen, memory(world.known, world.memory));
}

/** Returns the scale set's first verdict, followed by the actions after arrows. */
export function words({ verdicts, actions }: Plan<ExtensionAction>): string {
  const verdict = verdicts.find((each) => each.subject.kind === "scale-set");
  const done = actions.map((each) => `${each.kind} ${each.reason}`);
  return [[verdict?.state, verdict?.reason].filter((each) => each !== undefined).join(" "), ...done].join(" -> ");
}

/** Returns the packages that planned writes of the model name. */
export function written({ actions }: Plan<ExtensionAction>): readonly string[] {
  return actions.map((each) => (each.kind === "put-extension" ? each.extension.package : each.kind));
}
