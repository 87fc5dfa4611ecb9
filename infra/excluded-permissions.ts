/** A permission that no role of the app contains. */
interface ExcludedPermission {
  /** An action, or a prefix of actions that ends in `*`. */
  readonly action: string;
  readonly reason: string;
}

/** The permissions that no role in `infra/roles` grants. */
export const EXCLUDED_PERMISSIONS: readonly ExcludedPermission[] = [
  {
    action: "Microsoft.Compute/virtualMachineScaleSets/write",
    reason:
      "The app writes the extension as a resource of its own. A write of the whole scale set would include the AKS node image; Azure would check access to it in a Microsoft subscription and reject the write (`LinkedAuthorizationFailed`).",
  },
  {
    action: "Microsoft.Compute/virtualMachineScaleSets/delete*",
    reason: "The app deletes neither scale sets nor instances. AKS adds, drains and replaces nodes.",
  },
  {
    action: "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/write",
    reason:
      "The app changes only the model of the scale set, so that existing and new nodes have the same configuration.",
  },
  {
    action: "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/reimage/action",
    reason: "Reimaging would erase a node that has not been drained.",
  },
  {
    action: "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/runCommand*",
    reason: "It would allow commands on every node that leave no trace in the model of the scale set.",
  },
  {
    action: "Microsoft.ContainerService/managedClusters/write",
    reason: "The app changes neither the cluster nor its node pools.",
  },
  {
    action: "Microsoft.ContainerService/managedClusters/agentPools/write",
    reason: "The app changes neither the cluster nor its node pools.",
  },
  {
    action: "Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action",
    reason:
      "The administrator credential bypasses Microsoft Entra ID and Kubernetes RBAC. The app signs in with its managed identity.",
  },
  {
    action: "Microsoft.ContainerService/managedClusters/runCommand/action",
    reason: "It runs a pod in the cluster with the permissions of the caller.",
  },
  {
    action: "Microsoft.Storage/storageAccounts/listKeys/action",
    reason:
      "Account keys grant full access and do not expire. The app signs links with a user delegation key, for at most 7 days.",
  },
  {
    action: "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
    reason: "The identity that deploys packages must not be able to publish them.",
  },
  {
    action: "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete",
    reason: "The identity that deploys packages must not be able to remove them.",
  },
  { action: "Microsoft.Network/*", reason: "The app reads the addresses from the Node objects." },
  { action: "Microsoft.Authorization/*", reason: "The app grants no permissions, to itself or to other identities." },
];
