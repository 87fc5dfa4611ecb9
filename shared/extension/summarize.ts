import type { ExtensionObserved } from "../model/observed.ts";

/** Returns what a pass observed, with one line for the cluster, each pool, each scale set and the package. */
export function summarize({ cluster, pools, scaleSets, packages }: ExtensionObserved): readonly string[] {
  if (!cluster) return ["the cluster does not exist"];
  const { current } = packages;
  return [
    `cluster ${cluster.name} is ${cluster.isStopped ? "stopped" : cluster.provisioningState}`,
    ...pools.map((pool) => {
      return `pool ${pool.name} (${pool.isWindows ? "Windows" : "Linux"}) is ${pool.isStopped ? "stopped" : pool.provisioningState}`;
    }),
    ...scaleSets.map(
      (each) => `scale set ${each.name} is ${each.provisioningState}, number of instances: ${each.instances.length}`,
    ),
    "package" in current ? `current.json names package ${current.package.hash}` : current.problem,
  ];
}
