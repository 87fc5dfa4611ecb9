/** A managed cluster's ARM id, lower case. */
export type ClusterId = string & { readonly __brand: "ClusterId" };
/** A scale set's ARM id, lower case. */
export type ScaleSetId = string & { readonly __brand: "ScaleSetId" };
/** A node's name in Kubernetes, which is the computer name of its instance. */
export type NodeName = string & { readonly __brand: "NodeName" };

const CLUSTER_ID =
  /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/microsoft\.containerservice\/managedclusters\/([^/]+)$/;
const SCALE_SET_ID =
  /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/microsoft\.compute\/virtualmachinescalesets\/([^/]+)$/;

/** The parts of an ARM id that the SDKs ask for. */
interface IdParts {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly name: string;
}

const isClusterId = (text: string): text is ClusterId => CLUSTER_ID.test(text);
const isScaleSetId = (text: string): text is ScaleSetId => SCALE_SET_ID.test(text);
const isNodeName = (text: string): text is NodeName => text.length > 0;

/** ARM compares ids without case, so lower case is the one spelling that the app keeps. */
export function parseClusterId(text: string): ClusterId {
  const id = text.trim().toLowerCase().replace(/\/+$/, "");
  if (isClusterId(id)) return id;
  throw new TypeError(
    `not a managed cluster's id: '${text}'; expected /subscriptions/…/resourceGroups/…/providers/Microsoft.ContainerService/managedClusters/…`,
  );
}

/** The same for a scale set. */
export function parseScaleSetId(text: string): ScaleSetId {
  const id = text.toLowerCase();
  if (isScaleSetId(id)) return id;
  throw new TypeError(`not a scale set's id: '${text}'`);
}

/** Kubernetes names are lower case; Windows may show the computer name in capitals. */
export function parseNodeName(text: string): NodeName {
  const name = text.toLowerCase();
  if (isNodeName(name)) return name;
  throw new TypeError("a node's name is empty");
}

/** Subscription, resource group and name of a cluster or a scale set. */
export function splitId(id: ClusterId | ScaleSetId): IdParts {
  const [, subscription = "", resourceGroup = "", name = ""] = CLUSTER_ID.exec(id) ?? SCALE_SET_ID.exec(id) ?? [];
  return { subscription, resourceGroup, name };
}
