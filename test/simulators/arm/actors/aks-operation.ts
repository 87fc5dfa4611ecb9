import { checkIdle } from "../aks.ts";
import type { Engine } from "../engine.ts";
import { outcome } from "../operations.ts";
import type { Cluster, Pool } from "../world.ts";
import { checkNodeGroup } from "./locks.ts";

/** Begins an operation of AKS on pools of a cluster, or throws AKS's 409; `state` is shown while the steps run. */
export function beginAksOperation(
  engine: Engine,
  { cluster, pools }: { cluster: Cluster; pools: readonly Pool[] },
  state: string,
  steps: () => Promise<void>,
): void {
  checkIdle(cluster);
  checkNodeGroup(engine, cluster);
  const show = (shown: string): void => {
    for (const each of [cluster, ...pools]) each.state = shown;
  };
  show(state);
  const work = async (): Promise<void> => {
    const error = await outcome(steps());
    show(error ? "Failed" : "Succeeded");
  };
  engine.flow.spawn(work());
}
