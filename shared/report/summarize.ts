import type { EndpointsObserved, ExtensionObserved } from "../model/observed.ts";

/** What a pass of the extension flow saw, a line a thing. */
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

/** What a pass of the endpoints flow saw, a line a thing. */
export function summarizeEndpoints({ service, nodes, endpoints, slices }: EndpointsObserved): readonly string[] {
  const published = [...slices, endpoints].map((each) => each?.endpoints ?? []);
  const addresses = new Set(published.flat().map(({ address, port }) => `${address}:${port}`));
  return [
    service ? `the Service is there, its family ${service.primaryFamily}` : "the Service is missing",
    `${nodes.length} Windows nodes`,
    `${slices.length} slices, ${endpoints ? "an" : "no"} Endpoints object, ${addresses.size} addresses published`,
    ...[...addresses].toSorted(),
  ];
}
