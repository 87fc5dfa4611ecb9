import { aksProfile, aksTags } from "./aks-model.ts";
import type { Engine } from "./engine.ts";
import { asShown } from "./extensions.ts";
import { newInstance } from "./instances.ts";
import type { Cluster, Pool, ScaleSet } from "./world.ts";

export interface PoolSpec {
  name: string;
  os: "Windows" | "Linux";
  count: number;
  image: string;
  mode?: "System" | "User";
}

export interface ClusterSpec {
  subscription: string;
  resourceGroup: string;
  name: string;
  location: string;
  nodeResourceGroup?: string;
  restrictionLevel?: "Unrestricted" | "ReadOnly";
  pools: readonly PoolSpec[];
}

/** Makes a cluster with its scale sets, everything at rest. */
export function createCluster(engine: Engine, spec: ClusterSpec): Cluster {
  const { subscription, resourceGroup, name, location } = spec;
  const cluster: Cluster = {
    // AKS writes "resourcegroups" in its ids.
    id: `/subscriptions/${subscription}/resourcegroups/${resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${name}`,
    subscription,
    resourceGroup,
    name,
    location,
    state: "Succeeded",
    powerState: "Running",
    nodeResourceGroup: spec.nodeResourceGroup ?? `MC_${resourceGroup}_${name}_${location}`,
    restrictionLevel: spec.restrictionLevel ?? "Unrestricted",
    pools: [],
    etag: engine.flow.guid(),
    nextIp: 4,
  };
  engine.world.clusters.push(cluster);
  for (const pool of spec.pools) addPool(engine, cluster, pool);
  return cluster;
}

function addPool(engine: Engine, cluster: Cluster, spec: PoolSpec): void {
  const digits = String(Math.floor(engine.flow.random() * 1e8)).padStart(8, "0");
  const pool: Pool = {
    name: spec.name,
    os: spec.os,
    mode: spec.mode ?? (spec.os === "Linux" ? "System" : "User"),
    state: "Succeeded",
    powerState: "Running",
    count: spec.count,
    // Windows allows nine characters and no dash; the instance number follows.
    scaleSet: spec.os === "Windows" ? `aks${spec.name}` : `aks-${spec.name}-${digits}-vmss`,
    image: spec.image,
    etag: engine.flow.guid(),
  };
  cluster.pools.push(pool);
  const scaleSet = createScaleSet(engine, cluster, pool);
  engine.world.scaleSets.push(scaleSet);
  for (let i = 0; i < spec.count; i++) {
    const instance = newInstance(engine, cluster, scaleSet);
    Object.assign(instance, { power: "running", state: "Succeeded" });
    const { extensions } = instance.applied.profile.extensionProfile;
    instance.extensions = extensions.map((extension) => asShown(engine, extension, "succeeded"));
  }
}

function createScaleSet(engine: Engine, cluster: Cluster, pool: Pool): ScaleSet {
  const { subscription, nodeResourceGroup: resourceGroup, location, id: clusterId } = cluster;
  return {
    id: `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.Compute/virtualMachineScaleSets/${pool.scaleSet}`,
    uniqueId: engine.flow.guid(),
    subscription,
    resourceGroup,
    name: pool.scaleSet,
    location,
    state: "Succeeded",
    etag: 1,
    revision: 1,
    tags: aksTags(pool, engine.flow.guid()),
    sku: { name: "Standard_D4s_v5", tier: "Standard", capacity: pool.count },
    upgradePolicy: { mode: "Manual" },
    orchestrationMode: "Uniform",
    virtualMachineProfile: aksProfile(cluster, pool, []),
    instances: [],
    nextInstanceId: 0,
    clusterId,
  };
}
