/** Why the app asks for one permission. */
export interface Why {
  /** The request that needs it, as the service knows it. */
  readonly call: string;
  /** How the app names that call: its reports and logs begin with it where the permission is missing. */
  readonly says: string;
  /** What does not work then. */
  readonly without: string;
}

const SCALE_SETS = "Microsoft.Compute/virtualMachineScaleSets";
const CLUSTERS = "Microsoft.ContainerService/managedClusters";
const BLOBS = "Microsoft.Storage/storageAccounts/blobServices";

/** Every action and data action of `infra/roles`, by its name. */
export const ACTIONS: Readonly<Record<string, Why>> = {
  [`${SCALE_SETS}/read`]: {
    call: "`GET …/virtualMachineScaleSets`, and one of them directly before each write",
    says: "list scale sets of",
    without: "Every pass of the extension flow fails at its first look. Nothing is installed, no link is renewed.",
  },
  [`${SCALE_SETS}/extensions/read`]: {
    call: "`GET …/extensions/windows-exporter-dsc`, the last step of following a write of the extension",
    says: "read our operation on",
    without:
      "The extension is written once. The next pass can't see what became of it, and fails until the permission is there.",
  },
  [`${SCALE_SETS}/extensions/write`]: {
    call: "`PUT …/extensions/windows-exporter-dsc`",
    says: "put extension on",
    without:
      "Scale sets are refused as `denied`. New nodes get no exporter, and links that models carry end within 7 days.",
  },
  [`${SCALE_SETS}/manualUpgrade/action`]: {
    call: "`POST …/manualupgrade` with the ids of instances",
    says: "upgrade 1 instances of",
    without:
      "The model is written and renewed, and new nodes install by themselves. Nodes that were there before are not reached: `denied`.",
  },
  [`${SCALE_SETS}/virtualMachines/read`]: {
    call: "`GET …/virtualMachines`, to see each instance",
    says: "list instances of",
    without: "Every pass of the extension flow fails, as no instance can be judged.",
  },
  [`${SCALE_SETS}/virtualMachines/instanceView/read`]: {
    call: "the same with `$expand=instanceView`, to see what its extensions say",
    says: "list instances of",
    without: "The same: whether an extension succeeded stands in the instance view alone.",
  },
  [`${CLUSTERS}/read`]: {
    call: "`GET …/managedClusters/NAME`",
    says: "read cluster",
    without:
      "Every pass of the extension flow fails: it can't know whether AKS is at work, nor the node resource group.",
  },
  [`${CLUSTERS}/agentPools/read`]: {
    call: "`GET …/agentPools`, and one of them directly before each write",
    says: "list pools of",
    without: "The same: it can't know whether AKS is at work on a pool.",
  },
  [`${CLUSTERS}/listClusterUserCredential/action`]: {
    call: "`POST …/listClusterUserCredential?format=exec`, for the API server's address and CA",
    says: "list user credentials of",
    without: "Every pass of the endpoints flow fails. What is published stays as it is. The extension flow goes on.",
  },
  [`${BLOBS}/generateUserDelegationKey/action`]: {
    call: "`POST /?restype=service&comp=userdelegationkey` of the account, to sign links",
    says: "sign the link of package",
    without:
      "No write of the extension is made: scale sets are refused as `denied`. Not needed with `PACKAGE_ACCESS=anonymous`.",
  },
  [`${BLOBS}/containers/blobs/read`]: {
    call: "`GET` of `current.json` and of the packages. A signed link can do no more than who signs it",
    says: "read current.json",
    without:
      "The cluster's verdict is `package-unusable`, with Storage's answer. Not needed with `PACKAGE_ACCESS=anonymous`.",
  },
};

/** Every verb of the roles in `infra/kubernetes/base`, by resource. */
export const VERBS: Readonly<Record<string, Readonly<Record<string, Why>>>> = {
  nodes: {
    list: {
      call: "`GET /api/v1/nodes`, those with the label of Windows, in pages",
      says: "list nodes",
      without: "Every pass of the endpoints flow fails, and nothing is written: a part of a list proves nothing.",
    },
  },
  services: {
    get: {
      call: "`GET` of the Service: whether it is there, has a selector, is paused; its IP family and uid",
      says: "read the Service",
      without: "Every pass of the endpoints flow fails.",
    },
  },
  endpoints: {
    get: {
      call: "`GET` of the Endpoints object: whose it is, and what is published",
      says: "read the Endpoints",
      without: "Every pass of the endpoints flow fails.",
    },
    patch: {
      call: "`PATCH`, server-side apply",
      says: "apply the Endpoints",
      without: "The slices are written all the same. A Prometheus that reads Endpoints sees no change.",
    },
    create: {
      call: "the same while the object is not there",
      says: "apply the Endpoints",
      without: "The same, from the first publication on.",
    },
    delete: {
      call: "`DELETE`, with `SCRAPE_OBJECTS=slices` only",
      says: "delete the Endpoints",
      without: "The Endpoints object stays beside the slices, and is out of date as soon as a node changes.",
    },
  },
  endpointslices: {
    list: {
      call: "`GET` of the Service's slices, whoever made them; a list can't be limited by name",
      says: "list EndpointSlices",
      without: "Every pass of the endpoints flow fails.",
    },
    get: {
      call: "`GET` of one slice, directly before it is made: another copy of the app may have been quicker",
      says: "read EndpointSlice",
      without: "No new slice is made. Those that are there are kept up to date.",
    },
    patch: {
      call: "`PATCH`, server-side apply",
      says: "apply EndpointSlice",
      without: "The Endpoints object is written all the same. A Prometheus that reads slices sees no change.",
    },
    create: {
      call: "the same while the slice is not there",
      says: "apply EndpointSlice",
      without: "No new slice is made. Those that are there are kept up to date.",
    },
    delete: {
      call: "`DELETE`, where a slice holds nothing any more, or the Service's IP family is another one",
      says: "delete EndpointSlice",
      without: "An address that is gone stays published in that slice, as a target that is down.",
    },
  },
};
