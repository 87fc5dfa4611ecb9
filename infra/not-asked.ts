/** Something that the app could ask for, and does not. */
interface NotAsked {
  /** An action, or how it begins where it ends in `*`. */
  readonly action: string;
  readonly because: string;
}

/** What no role of `infra/roles` grants. */
export const NOT_ASKED: readonly NotAsked[] = [
  {
    action: "Microsoft.Compute/virtualMachineScaleSets/write",
    because:
      "The extension is a resource of its own. A write of the whole set would name AKS's image, which Azure then checks in Microsoft's subscription and refuses (`LinkedAuthorizationFailed`).",
  },
  {
    action: "Microsoft.Compute/virtualMachineScaleSets/extensions/delete",
    because: "The app takes no extension away: a pool that leaves `POOLS` keeps it.",
  },
  {
    action: "Microsoft.Compute/virtualMachineScaleSets/delete*",
    because: "Neither sets nor instances are the app's to delete: AKS adds, drains and replaces nodes.",
  },
  {
    action: "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/write",
    because: "Nodes are reached through the model alone, so that new ones are like old ones.",
  },
  {
    action: "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/reimage/action",
    because: "It would wipe a node that nobody has drained.",
  },
  {
    action: "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/runCommand*",
    because: "A command on every node, by one call and without a trace in the model.",
  },
  {
    action: "Microsoft.ContainerService/managedClusters/write",
    because: "The app changes nothing of the cluster or its pools.",
  },
  { action: "Microsoft.ContainerService/managedClusters/agentPools/write", because: "The same." },
  {
    action: "Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action",
    because: "It passes by Entra and Kubernetes' roles. The app signs in as its identity.",
  },
  {
    action: "Microsoft.ContainerService/managedClusters/runCommand/action",
    because: "It runs a pod in the cluster with the caller's rights.",
  },
  {
    action: "Microsoft.Storage/storageAccounts/listKeys/action",
    because: "Keys open everything and never end. Links are signed with a key of the identity, for 7 days.",
  },
  {
    action: "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
    because: "Who deploys a package must not be who publishes it.",
  },
  { action: "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete", because: "The same." },
  { action: "Microsoft.Network/*", because: "Addresses are read from the Node objects." },
  { action: "Microsoft.Authorization/*", because: "The app gives nobody a right, itself neither." },
];
