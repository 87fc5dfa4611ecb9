/** How the app uses one permission. */
export interface PermissionUse {
  /** The request that needs the permission, as in the API reference of the service. */
  readonly request: string;
  /** The app's name of that call. If the permission is missing, the error in reports and logs begins with it. */
  readonly call: string;
  /** What fails without the permission. */
  readonly ifMissing: string;
}

const SCALE_SETS = "Microsoft.Compute/virtualMachineScaleSets";
const CLUSTERS = "Microsoft.ContainerService/managedClusters";
const BLOBS = "Microsoft.Storage/storageAccounts/blobServices";

/** The use of each action and data action in `infra/roles`, by the name of the action. */
export const ACTIONS: Readonly<Record<string, PermissionUse>> = {
  [`${SCALE_SETS}/read`]: {
    request: "`GET …/virtualMachineScaleSets`; `GET` of a scale set directly before each write to it",
    call: "list scale sets of",
    ifMissing: "Every pass of the extension flow fails at this call. The app installs nothing and renews no links.",
  },
  [`${SCALE_SETS}/extensions/read`]: {
    request: "`GET …/extensions/windows-exporter-dsc`, to read the result of a write of the extension",
    call: "read operation on",
    ifMissing:
      "The app writes the extension once. The next pass cannot read the result, and the scale set is `unreadable` until the permission is granted.",
  },
  [`${SCALE_SETS}/extensions/write`]: {
    request: "`PUT …/extensions/windows-exporter-dsc`",
    call: "put extension on",
    ifMissing:
      "The verdict of the scale sets is `denied`. New nodes get no exporter, and the links in the models expire within 7 days.",
  },
  [`${SCALE_SETS}/extensions/delete`]: {
    request: "`DELETE …/extensions/windows-exporter-dsc`, only of pools in `UNINSTALL_POOLS`",
    call: "delete extension on",
    ifMissing:
      "The verdict of these pools is `denied`. The exporter is removed from their nodes, and the extension stays in the models, which new nodes apply without an effect.",
  },
  [`${SCALE_SETS}/manualUpgrade/action`]: {
    request: "`POST …/manualupgrade` with the IDs of the instances",
    call: "upgrade instances of",
    ifMissing:
      "The app writes and renews the model, and new nodes install the package. Existing nodes are not upgraded; their verdict is `denied`.",
  },
  [`${SCALE_SETS}/virtualMachines/read`]: {
    request: "`GET …/virtualMachines`, to list the instances",
    call: "list instances of",
    ifMissing:
      "The verdict of the scale sets is `unreadable`: the app cannot list their instances, and does nothing about them.",
  },
  [`${SCALE_SETS}/virtualMachines/instanceView/read`]: {
    request: "`GET …/virtualMachines?$expand=instanceView`, to read the status of the extensions",
    call: "list instances of",
    ifMissing:
      "The verdict of the scale sets is `unreadable`. Only the instance view shows whether an extension succeeded.",
  },
  [`${CLUSTERS}/read`]: {
    request: "`GET …/managedClusters/NAME`",
    call: "read cluster",
    ifMissing:
      "Every pass of the extension flow fails. The app cannot read the state of the cluster or the name of its node resource group.",
  },
  [`${CLUSTERS}/agentPools/read`]: {
    request: "`GET …/agentPools`; `GET` of a node pool directly before each write to its scale set",
    call: "list node pools of",
    ifMissing: "Every pass of the extension flow fails. The app cannot tell whether AKS is updating a node pool.",
  },
  [`${CLUSTERS}/listClusterUserCredential/action`]: {
    request: "`POST …/listClusterUserCredential?format=exec`, for the address and CA certificate of the API server",
    call: "list user credentials of",
    ifMissing:
      "Every pass of the endpoints flow fails, and the published addresses do not change. The extension flow is not affected.",
  },
  [`${BLOBS}/generateUserDelegationKey/action`]: {
    request: "`POST /?restype=service&comp=userdelegationkey` of the account, to sign links",
    call: "sign the link of package",
    ifMissing:
      "The app writes no extension, and the verdict of the scale sets is `denied`. Not needed with `PACKAGE_ACCESS=anonymous`.",
  },
  [`${BLOBS}/containers/blobs/read`]: {
    request:
      "`GET` of `current.json` and of the packages. Signed links also need it: a link grants no more than the permissions of its signer",
    call: "read current.json",
    ifMissing:
      "The verdict of the cluster is `package-unusable`, with the error of Azure Storage. Not needed with `PACKAGE_ACCESS=anonymous`.",
  },
};

/** The use of each verb of the roles in `infra/kubernetes/base`, by resource. */
export const VERBS: Readonly<Record<string, Readonly<Record<string, PermissionUse>>>> = {
  nodes: {
    list: {
      request: "`GET /api/v1/nodes`, in pages, with the label selector for Windows",
      call: "list nodes",
      ifMissing: "Every pass of the endpoints flow fails, and the published addresses do not change.",
    },
  },
  services: {
    get: {
      request: "`GET` of the Service: its selector, pause annotation, IP family and UID",
      call: "read the Service",
      ifMissing: "Every pass of the endpoints flow fails.",
    },
  },
  endpoints: {
    get: {
      request: "`GET` of the Endpoints object: its owner and the published addresses",
      call: "read the Endpoints",
      ifMissing: "Every pass of the endpoints flow fails.",
    },
    patch: {
      request: "`PATCH` (server-side apply)",
      call: "apply the Endpoints",
      ifMissing: "The app writes only the EndpointSlices. A Prometheus that reads Endpoints sees no change.",
    },
    create: {
      request: "`PATCH` (server-side apply), if the object does not exist",
      call: "apply the Endpoints",
      ifMissing: "The app never creates the Endpoints object. A Prometheus that reads Endpoints finds no targets.",
    },
    delete: {
      request: "`DELETE`, only with `SCRAPE_OBJECTS=slices`",
      call: "delete the Endpoints",
      ifMissing: "The Endpoints object remains, and becomes outdated as soon as a node changes.",
    },
  },
  endpointslices: {
    list: {
      request:
        "`GET` of all slices of the Service, including those of other owners. RBAC cannot restrict a list by name",
      call: "list EndpointSlices",
      ifMissing: "Every pass of the endpoints flow fails.",
    },
    get: {
      request: "`GET` of a slice directly before the app creates it, in case another copy of the app has created it",
      call: "read EndpointSlice",
      ifMissing: "The app creates no slices. It keeps existing objects up to date if the first slice exists.",
    },
    patch: {
      request: "`PATCH` (server-side apply)",
      call: "apply EndpointSlice",
      ifMissing: "The app writes nothing, because each pass that writes first applies the first slice.",
    },
    create: {
      request: "`PATCH` (server-side apply), if the slice does not exist",
      call: "apply EndpointSlice",
      ifMissing: "The app creates no slices. It keeps existing objects up to date if the first slice exists.",
    },
    delete: {
      request: "`DELETE`, if a slice other than the first is empty, or the IP family of the Service has changed",
      call: "delete EndpointSlice",
      ifMissing: "Addresses of removed nodes stay published in the slice, as targets that are down.",
    },
  },
};
