import type { Engine } from "./engine.ts";
import { toInstanceExtension } from "./extensions.ts";
import { imageReferenceOf, publishImage } from "./images.ts";
import { newInstance } from "./instances.ts";
import type { Cluster, ClusterSpec, ModelExtension, Pool, PoolSpec, ScaleSet, VmProfile } from "./world.ts";

export type { ClusterSpec } from "./world.ts";

/** Returns the whole model as AKS writes it (from an exported scale set); `foreign` extensions are kept in it. */
export function aksProfile(pool: Pool, foreign: readonly ModelExtension[]): VmProfile {
  const windows = pool.os === "Windows";
  const cse = windows
    ? { publisher: "Microsoft.Compute", type: "CustomScriptExtension", typeHandlerVersion: "1.10" }
    : { publisher: "Microsoft.Azure.Extensions", type: "CustomScript", typeHandlerVersion: "2.0" };
  const billing = { publisher: "Microsoft.AKS", type: `Compute.AKS.${pool.os}.Billing`, typeHandlerVersion: "1.0" };
  const more = { autoUpgradeMinorVersion: true, settings: {} };
  const extensions = [
    {
      name: "vmssCSE",
      properties: { ...cse, ...more, protectedSettings: { commandToExecute: "…" }, ...pool.bootstrap },
    },
    { name: `${pool.scaleSet}-AKS${pool.os}Billing`, properties: { ...billing, ...more } },
    ...foreign,
  ];
  const imageReference = imageReferenceOf(pool);
  return {
    osProfile: { computerNamePrefix: pool.scaleSet },
    storageProfile: {
      ...(imageReference && { imageReference }),
      osDisk: { osType: pool.os, createOption: "FromImage" },
    },
    extensionProfile: { extensions, extensionsTimeBudget: "PT16M" },
  };
}

/** Creates a cluster with its scale sets, with no operation in progress. */
export function createCluster(engine: Engine, spec: ClusterSpec): Cluster {
  const { subscription, resourceGroup, name, location } = spec;
  const cluster: Cluster = {
    nodeResourceGroup: `MC_${resourceGroup}_${name}_${location}`,
    restrictionLevel: "Unrestricted",
    ...spec,
    // AKS uses lower case "resourcegroups" in its resource ids.
    id: `/subscriptions/${subscription}/resourcegroups/${resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${name}`,
    state: "Succeeded",
    powerState: "Running",
    pools: [],
    nextIp: 4,
  };
  engine.world.clusters.push(cluster);
  for (const pool of spec.pools) addPool(engine, cluster, pool);
  return cluster;
}

function addPool(engine: Engine, cluster: Cluster, spec: PoolSpec): void {
  const digits = String(Math.floor(engine.flow.random() * 1e8)).padStart(8, "0");
  const pool: Pool = {
    mode: spec.os === "Linux" ? "System" : "User",
    imageForm: "gallery",
    ...spec,
    state: "Succeeded",
    powerState: "Running",
    // A Windows computer name prefix has at most nine characters and no dash; the instance number follows it.
    scaleSet: spec.os === "Windows" ? `aks${spec.name}` : `aks-${spec.name}-${digits}-vmss`,
  };
  cluster.pools.push(pool);
  publishImage(engine.world, pool);
  const { subscription, nodeResourceGroup: resourceGroup, location, id: clusterId } = cluster;
  const place = { subscription, resourceGroup, name: pool.scaleSet, location, clusterId };
  const scaleSet: ScaleSet = {
    id: `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.Compute/virtualMachineScaleSets/${pool.scaleSet}`,
    ...place,
    state: "Succeeded",
    etag: 1,
    revision: 1,
    tags: { "aks-managed-poolName": pool.name },
    sku: { name: "Standard_D4s_v5", tier: "Standard", capacity: pool.count },
    upgradePolicy: { mode: "Manual" },
    virtualMachineProfile: aksProfile(pool, []),
    instances: [],
    nextInstanceId: 0,
  };
  engine.world.scaleSets.push(scaleSet);
  const { extensions } = scaleSet.virtualMachineProfile.extensionProfile;
  for (let i = 0; i < spec.count; i++) {
    const shown = extensions.map((extension) => toInstanceExtension(engine, extension, "succeeded"));
    Object.assign(newInstance(engine, cluster, scaleSet), { power: "running", state: "Succeeded", extensions: shown });
  }
}
