import * as v from "valibot";

/** ARM id of a managed cluster, in lower case. */
export type ClusterId = string & { readonly __brand: "ClusterId" };
/** ARM id of a scale set, in lower case. */
export type ScaleSetId = string & { readonly __brand: "ScaleSetId" };
/** Name of a node, in lower case; it is the computer name of the scale set instance. */
export type NodeName = string & { readonly __brand: "NodeName" };

const CLUSTER_ID =
  /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/microsoft\.containerservice\/managedclusters\/([^/]+)$/;
const SCALE_SET_ID =
  /^\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/microsoft\.compute\/virtualmachinescalesets\/([^/]+)$/;

/** The parts of an ARM id that the SDKs take as arguments. */
interface IdParts {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly name: string;
}

const isClusterId = (text: string): text is ClusterId => CLUSTER_ID.test(text);
const isScaleSetId = (text: string): text is ScaleSetId => SCALE_SET_ID.test(text);
const isNodeName = (text: string): text is NodeName => text.length > 0;

/** Schema of a stored cluster id. */
export const clusterId = v.custom<ClusterId>((value) => typeof value === "string" && isClusterId(value));

/** Schema of a stored scale set id. */
export const scaleSetId = v.custom<ScaleSetId>((value) => typeof value === "string" && isScaleSetId(value));

/** Schema of a stored node name. */
export const nodeName = v.custom<NodeName>((value) => typeof value === "string" && isNodeName(value));

/**
 * Parses a managed cluster's ARM id into lower case, because ARM ids are case-insensitive. Throws a TypeError if it is
 * not one.
 */
export function parseClusterId(text: string): ClusterId {
  const id = text.trim().toLowerCase().replace(/\/+$/, "");
  if (isClusterId(id)) return id;
  throw new TypeError(
    `not a managed cluster's id: '${text}'; expected /subscriptions/…/resourceGroups/…/providers/Microsoft.ContainerService/managedClusters/…`,
  );
}

/** Parses a scale set's ARM id into lower case. Throws a TypeError if it is not one. */
export function parseScaleSetId(text: string): ScaleSetId {
  const id = text.toLowerCase();
  if (isScaleSetId(id)) return id;
  throw new TypeError(`not a scale set's id: '${text}'`);
}

/**
 * Parses a node's name into lower case, as in Kubernetes; Windows can report the computer name in capitals. Throws a
 * TypeError if it is empty.
 */
export function parseNodeName(text: string): NodeName {
  const name = text.toLowerCase();
  if (isNodeName(name)) return name;
  throw new TypeError("a node's name is empty");
}

/** Returns the subscription, resource group and name in the id of a cluster or a scale set. */
export function splitId(id: ClusterId | ScaleSetId): IdParts {
  const [, subscription = "", resourceGroup = "", name = ""] = CLUSTER_ID.exec(id) ?? SCALE_SET_ID.exec(id) ?? [];
  return { subscription, resourceGroup, name };
}
