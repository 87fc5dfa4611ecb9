import type { ExporterStatus, ExporterStatuses, WindowsNode } from "../model/node.ts";
import type { EndpointsObserved } from "../model/observed.ts";
import { byText, compareTexts } from "../model/order.ts";
import { poolOfNode, sourceOf } from "../model/pools.ts";
import type { Reason } from "../model/reason.ts";
import type { AddressFamily, NodeEndpoint } from "../model/slice.ts";
import { type EpochMs, MINUTE_MS } from "../model/time.ts";
import { type EndpointsDesired, PORT_OF } from "./desired.ts";

const UNKNOWN_FOR_MS = 10 * MINUTE_MS;

/** What is thought of one node; `endpoint` is what is published of it. */
export interface NodeVerdict {
  readonly node: WindowsNode;
  readonly state: "published" | "unpublished" | "excluded" | "uncovered";
  readonly reason?: Reason;
  readonly message?: string;
  readonly endpoint?: NodeEndpoint;
}

/** What the live objects say of a node's exporter, by uid and port. */
export type LiveReadiness = ReadonlyMap<string, boolean>;

interface Context {
  readonly desired: EndpointsDesired;
  readonly observed: EndpointsObserved;
  readonly family: AddressFamily;
  readonly live: LiveReadiness;
  /** Most kubelets are silent: it is the API server's trouble, not theirs. */
  readonly isMostUnknown: boolean;
}

/**
 * First row that fits, per Windows node:
 *
 *     observed                                                     verdict
 *     --------                                                     -------
 *     being deleted                                                left-out node-gone
 *     its pool out of the filter, or its source off                left-out pool-off
 *     Unknown for 10 minutes, and since then absent or not         left-out node-gone
 *       running in a complete list of its scale set
 *     no InternalIP of the Service's primary family                left-out no-address
 *     another node holds the address (Ready first, then newest)    left-out duplicate-address
 *     no scale set of the cluster explains it                      uncovered, published
 *     else                                                         published
 */
export function chooseAddresses(
  desired: EndpointsDesired,
  observed: EndpointsObserved,
  family: AddressFamily,
  live: LiveReadiness,
): readonly NodeVerdict[] {
  const { nodes } = observed;
  const unknown = nodes.filter((node) => node.ready === "Unknown").length;
  const context: Context = { desired, observed, family, live, isMostUnknown: unknown * 2 > nodes.length };
  const ordered = nodes.toSorted(byPrecedence);
  const holders = new Map<string, WindowsNode>();
  const verdicts = ordered.map((node) => classifyNode(node, context, holders));
  return verdicts.toSorted(byText(({ node }) => node.name));
}

/** Names a node's readiness: a new machine under an old name has another uid. */
export function readinessKey(uid: string, port: number): string {
  return `${uid} ${port}`;
}

/** Ready first, then newest, then by name: the first of two nodes with one address keeps it. */
function byPrecedence(a: WindowsNode, b: WindowsNode): number {
  const readiness = Number(b.ready === "True") - Number(a.ready === "True");
  return readiness || b.createdAt - a.createdAt || compareTexts(a.name, b.name);
}

function classifyNode(node: WindowsNode, context: Context, holders: Map<string, WindowsNode>): NodeVerdict {
  const { desired, observed, family } = context;
  if (node.isDeleting) {
    return { node, state: "unpublished", reason: "node-gone", message: "its Node object is being deleted" };
  }
  const source = sourceOf(poolOfNode(node), desired.selection);
  if (source === "off") return { node, state: "excluded", reason: "pool-off" };
  if (isGone(node, context)) {
    const message = "silent for 10 minutes, and its machine is absent or deallocated";
    return { node, state: "unpublished", reason: "node-gone", message };
  }
  const address = node.internalIps.find((each) => each.includes(":") === (family === "IPv6"));
  if (address === undefined) {
    return {
      node,
      state: "unpublished",
      reason: "no-address",
      message: `it has ${node.internalIps.join(", ") || "none"}`,
    };
  }
  const holder = holders.get(address);
  if (holder) {
    return { node, state: "unpublished", reason: "duplicate-address", message: `${holder.name} holds ${address}` };
  }
  holders.set(address, node);
  const port = PORT_OF[source];
  const ready = source !== "managed" || isProven(node, port, context);
  const endpoint: NodeEndpoint = { node: node.name, uid: node.uid, address, port, ready, zone: node.zone };
  const isUnexplained = observed.exporters !== undefined && !observed.exporters.nodes[node.name];
  return isUnexplained
    ? { node, state: "uncovered", reason: "unexplained", endpoint }
    : { node, state: "published", endpoint };
}

/** Sticky: proof is never taken back from a living uid; what is unknown keeps what the live object says. */
function isProven(node: WindowsNode, port: number, { observed, live }: Context): boolean {
  const succeededAt = observed.exporters?.nodes[node.name]?.succeededAt;
  return (succeededAt !== undefined && succeededAt > node.createdAt) || live.get(readinessKey(node.uid, port)) === true;
}

/** A silent kubelet alone proves nothing; a machine that is not there does, in a list that was taken since. */
function isGone(node: WindowsNode, { observed: { at, exporters }, isMostUnknown }: Context): boolean {
  if (node.ready !== "Unknown" || isMostUnknown || !exporters) return false;
  return (
    at - node.readySince >= UNKNOWN_FOR_MS && wasListedSince(exporters, node.readySince) && !isRunning(exporters, node)
  );
}

function wasListedSince(exporters: ExporterStatuses, since: EpochMs): boolean {
  return exporters.listedAt > since;
}

function isRunning(exporters: ExporterStatuses, { name }: WindowsNode): boolean {
  const install: ExporterStatus | undefined = exporters.nodes[name];
  return install?.isRunning ?? false;
}
