import { resourceNotFound } from "../http.ts";
import { listed, page } from "../route.ts";
import type { Call, Route } from "../route.ts";
import { same } from "../world.ts";
import type { Cluster, Pool } from "../world.ts";

const TYPE = "Microsoft.ContainerService/managedClusters";
const GROUP =
  "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ContainerService/managedClusters";
const READ = { method: "GET", action: `${TYPE}/read` };
const READ_POOLS = { method: "GET", action: `${TYPE}/agentPools/read` };

/** Clusters and their node pools: read only. */
export const managedClusterRoutes: readonly Route[] = [
  { ...READ, path: `/subscriptions/{subscription}/providers/${TYPE}`, handle: (call) => list(call, () => true) },
  { ...READ, path: GROUP, handle: (call) => list(call, (one) => same(one.resourceGroup, call.names["group"])) },
  { ...READ, path: `${GROUP}/{cluster}`, handle: (call) => ({ status: 200, body: clusterBody(clusterOf(call)) }) },
  { ...READ_POOLS, path: `${GROUP}/{cluster}/agentPools`, handle: (call) => pools(call, clusterOf(call)) },
  {
    ...READ_POOLS,
    path: `${GROUP}/{cluster}/agentPools/{pool}`,
    handle: (call) => {
      const cluster = clusterOf(call);
      const found = cluster.pools.find(({ name }) => same(name, call.names["pool"]));
      if (!found) throw resourceNotFound(`${TYPE}/agentPools`, call.names["pool"] ?? "", cluster.resourceGroup);
      return { status: 200, body: poolBody(cluster, found) };
    },
  },
];

function list(call: Call, wanted: (cluster: Cluster) => boolean): ReturnType<typeof page> {
  const { engine, names } = call;
  const found = engine.world.clusters.filter((one) => same(one.subscription, names["subscription"]) && wanted(one));
  return page(
    call,
    found.map((one) => listed(engine, clusterBody(one))),
  );
}

function pools(call: Call, cluster: Cluster): ReturnType<typeof page> {
  return page(
    call,
    cluster.pools.map((pool) => poolBody(cluster, pool)),
  );
}

function clusterOf({ engine, names }: Call): Cluster {
  const { subscription, group = "", cluster = "" } = names;
  const found = engine.world.clusters.find(
    (one) => same(one.subscription, subscription) && same(one.resourceGroup, group) && same(one.name, cluster),
  );
  if (!found) throw resourceNotFound(TYPE, cluster, group);
  return found;
}

function clusterBody(cluster: Cluster): { id: string } & Record<string, unknown> {
  return {
    id: cluster.id,
    name: cluster.name,
    type: TYPE,
    location: cluster.location,
    sku: { name: "Base", tier: "Standard" },
    kind: "Base",
    eTag: cluster.etag,
    identity: { type: "SystemAssigned" },
    properties: {
      provisioningState: cluster.state,
      powerState: { code: cluster.powerState },
      kubernetesVersion: "1.33.2",
      currentKubernetesVersion: "1.33.2",
      dnsPrefix: `${cluster.name}-dns`,
      fqdn: `${cluster.name}-dns.hcp.${cluster.location}.azmk8s.io`,
      agentPoolProfiles: cluster.pools.map((pool) => ({ name: pool.name, ...poolProperties(pool) })),
      nodeResourceGroup: cluster.nodeResourceGroup,
      nodeResourceGroupProfile: { restrictionLevel: cluster.restrictionLevel },
      enableRBAC: true,
      supportPlan: "KubernetesOfficial",
      maxAgentPools: 100,
    },
  };
}

function poolBody(cluster: Cluster, pool: Pool): unknown {
  const id = `${cluster.id}/agentPools/${pool.name}`;
  return { id, name: pool.name, type: `${TYPE}/agentPools`, properties: poolProperties(pool) };
}

function poolProperties(pool: Pool): Record<string, unknown> {
  const windows = pool.os === "Windows";
  return {
    eTag: pool.etag,
    count: pool.count,
    vmSize: "Standard_D4s_v5",
    osDiskSizeGB: 128,
    osDiskType: "Managed",
    maxPods: 30,
    type: "VirtualMachineScaleSets",
    mode: pool.mode,
    osType: pool.os,
    osSKU: windows ? "Windows2022" : "Ubuntu",
    orchestratorVersion: "1.33.2",
    currentOrchestratorVersion: "1.33.2",
    nodeImageVersion: windows ? `AKSWindows-2022-containerd-gen2-${pool.image}` : `AKSUbuntu-2204gen2-${pool.image}`,
    provisioningState: pool.state,
    powerState: { code: pool.powerState },
    enableAutoScaling: false,
    scaleDownMode: "Delete",
    upgradeSettings: { maxSurge: "1" },
  };
}
