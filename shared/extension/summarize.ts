import type { ExtensionObserved } from "../model/observed.ts";

/** Describes what a pass observed, one line per thing. */
export function summarize({ cluster, pools, scaleSets, packages }: ExtensionObserved): readonly string[] {
  if (!cluster) return ["the cluster does not exist"];
  const { current } = packages;
  return [
    `cluster ${cluster.name} is ${cluster.isStopped ? "stopped" : cluster.provisioningState}`,
    ...pools.map((pool) => {
      return `pool ${pool.name} (${pool.isWindows ? "Windows" : "Linux"}) is ${pool.isStopped ? "stopped" : pool.provisioningState}`;
    }),
    ...scaleSets.map(
      (each) => `scale set ${each.name} is ${each.provisioningState}, ${each.instances.length} instances`,
    ),
    "package" in current ? `package ${current.package.hash} is published` : current.problem,
  ];
}
