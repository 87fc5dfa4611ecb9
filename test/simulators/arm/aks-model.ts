import type { Cluster, ModelExtension, Pool, VmProfile } from "./world.ts";

/** The subscription in which Microsoft keeps AKS's node images. */
const IMAGES = "/subscriptions/109a5e88-712a-48ae-9078-9ca8b3c81345/resourceGroups";

function imageId(pool: Pool): string {
  const [group, gallery, image] =
    pool.os === "Windows"
      ? ["AKS-Windows", "AKSWindows", "windows-2022-containerd-gen2"]
      : ["AKS-Ubuntu", "AKSUbuntu", "2204gen2containerd"];
  const path = `galleries/${gallery}/images/${image}/versions/${pool.image}`;
  return `${IMAGES}/${group}/providers/Microsoft.Compute/${path}`;
}

/** The extensions that AKS itself puts on a set (an exported AKS set). */
export function aksExtensions(pool: Pool): ModelExtension[] {
  const windows = pool.os === "Windows";
  return [
    {
      name: "vmssCSE",
      properties: {
        publisher: windows ? "Microsoft.Compute" : "Microsoft.Azure.Extensions",
        type: windows ? "CustomScriptExtension" : "CustomScript",
        typeHandlerVersion: windows ? "1.10" : "2.0",
        autoUpgradeMinorVersion: true,
        settings: {},
        protectedSettings: { commandToExecute: "…" },
      },
    },
    {
      name: `${pool.scaleSet}-AKS${pool.os}Billing`,
      properties: {
        publisher: "Microsoft.AKS",
        type: `Compute.AKS.${pool.os}.Billing`,
        typeHandlerVersion: "1.0",
        autoUpgradeMinorVersion: true,
        settings: {},
      },
    },
  ];
}

/** The whole model as AKS writes it; `foreign` are the extensions it is to leave in. */
export function aksProfile(cluster: Cluster, pool: Pool, foreign: readonly ModelExtension[]): VmProfile {
  const os =
    pool.os === "Windows"
      ? { windowsConfiguration: { provisionVMAgent: true, enableAutomaticUpdates: false } }
      : { linuxConfiguration: { disablePasswordAuthentication: true, provisionVMAgent: true } };
  const network = `/subscriptions/${cluster.subscription}/resourceGroups/${cluster.nodeResourceGroup}/providers`;
  const subnet = { id: `${network}/Microsoft.Network/virtualNetworks/aks-vnet/subnets/aks-subnet` };
  const ip = { name: "ipconfig1", properties: { primary: true, subnet, privateIPAddressVersion: "IPv4" } };
  const nic = { primary: true, enableAcceleratedNetworking: true, ipConfigurations: [ip] };
  return {
    osProfile: {
      computerNamePrefix: pool.scaleSet,
      adminUsername: "azureuser",
      ...os,
      secrets: [],
      allowExtensionOperations: true,
    },
    storageProfile: {
      imageReference: { id: imageId(pool) },
      osDisk: {
        osType: pool.os,
        createOption: "FromImage",
        caching: "ReadOnly",
        diskSizeGB: 128,
        managedDisk: { storageAccountType: "Premium_LRS" },
      },
    },
    networkProfile: { networkInterfaceConfigurations: [{ name: pool.scaleSet, properties: nic }] },
    extensionProfile: { extensions: [...aksExtensions(pool), ...foreign], extensionsTimeBudget: "PT16M" },
  };
}

/** The tags AKS puts on a set. */
export function aksTags(pool: Pool, operationId: string): Record<string, string> {
  return {
    "aks-managed-poolName": pool.name,
    "aks-managed-orchestrator": "Kubernetes:1.33.2",
    "aks-managed-createOperationID": operationId,
    "aks-managed-creationSource": `vmssclient-${pool.scaleSet}`,
    "aks-managed-coordination": "true",
  };
}
