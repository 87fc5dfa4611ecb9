import type { ExporterStatuses, UnreadableNode, WindowsNode } from "../model/node.ts";
import type { EndpointsObserved } from "../model/observed.ts";
import { byText, compareTexts } from "../model/order.ts";
import { isUninstalling, poolOfNode, sourceOf } from "../model/pools.ts";
import type { Reason } from "../model/reason.ts";
import type { AddressFamily, NodeEndpoint } from "../model/slice.ts";
import { type EpochMs, MINUTE_MS } from "../model/time.ts";
import { type EndpointsDesired, EXPORTER_PORTS } from "./desired.ts";
import { checkAddress } from "./publishable.ts";

/** How long a node's Ready condition must be Unknown before the node can count as gone. */
const UNKNOWN_GRACE_MS = 10 * MINUTE_MS;

/** State of one node; `endpoint` is its published endpoint, undefined if the node is not published. */
export interface NodeVerdict<N extends UnreadableNode | WindowsNode = WindowsNode> {
  readonly node: N;
  readonly state: "published" | "unpublished" | "excluded" | "uncovered";
  readonly reason?: Reason;
  readonly message?: string;
  readonly endpoint?: NodeEndpoint;
}

/** Readiness of the endpoints in the live objects, by `readinessKey`. */
export type LiveReadiness = ReadonlyMap<string, boolean>;

interface Context {
  readonly desired: EndpointsDesired;
  readonly observed: EndpointsObserved;
  readonly family: AddressFamily;
  readonly live: LiveReadiness;
  /** Whether most nodes are Unknown; then the control plane is the likely cause, and no node counts as gone. */
  readonly isMajorityUnknown: boolean;
}

/**
 * Returns a verdict for each Windows node, sorted by name. The first matching row applies:
 *
 *     observed                                                        verdict
 *     --------                                                        -------
 *     the Node has a deletionTimestamp                                unpublished node-gone
 *     its pool is in UNINSTALL_POOLS                                  excluded uninstall
 *     its pool is outside POOLS, or the pool's source is off          excluded pool-off
 *     Ready is Unknown for 10 minutes, and a complete list of the     unpublished node-gone
 *       scale sets taken since then has no running instance of it
 *     no InternalIP of the Service's primary IP family that an        unpublished no-address
 *       endpoint may have
 *     a node with precedence has the same address                     unpublished duplicate-address
 *       (Ready before not Ready, then the newest, then by name)
 *     no scale set of the cluster contains it                         uncovered unexplained, published
 *     else                                                            published
 */
export function chooseAddresses(
  desired: EndpointsDesired,
  observed: EndpointsObserved,
  family: AddressFamily,
  live: LiveReadiness,
): readonly NodeVerdict[] {
  const { nodes } = observed;
  const unknown = nodes.filter((node) => node.ready === "Unknown").length;
  const context: Context = { desired, observed, family, live, isMajorityUnknown: unknown * 2 > nodes.length };
  const ordered = nodes.toSorted(byPrecedence);
  const holders = new Map<string, WindowsNode>();
  const verdicts = ordered.map((node) => classifyNode(node, context, holders));
  return verdicts.toSorted(byText(({ node }) => node.name));
}

/** Returns the key of a node's readiness. It contains the uid, because a new machine can reuse a node name. */
export function readinessKey(uid: string, port: number): string {
  return `${uid} ${port}`;
}

/** Orders nodes Ready first, then newest, then by name; of two nodes with one address, the first is published. */
function byPrecedence(a: WindowsNode, b: WindowsNode): number {
  const readiness = Number(b.ready === "True") - Number(a.ready === "True");
  return readiness || b.createdAt - a.createdAt || compareTexts(a.name, b.name);
}

function classifyNode(node: WindowsNode, context: Context, holders: Map<string, WindowsNode>): NodeVerdict {
  const { desired, observed, family } = context;
  if (node.isDeleting) {
    return { node, state: "unpublished", reason: "node-gone", message: "the Node object is being deleted" };
  }
  const source = sourceOf(poolOfNode(node), desired.selection);
  if (source === "off") return { node, state: "excluded", reason: whyOff(poolOfNode(node), desired) };
  if (isGone(node, context)) {
    const message =
      "the kubelet has not reported for 10 minutes, and the instance is deallocated or in no scale set of the cluster";
    return { node, state: "unpublished", reason: "node-gone", message };
  }
  const { address } = node.internalIps.map(checkAddress).find((each) => each.family === family) ?? {};
  if (address === undefined) {
    return { node, state: "unpublished", reason: "no-address", message: explainNoAddress(node, family) };
  }
  const holder = holders.get(address);
  if (holder) {
    const message = `address ${address} is published for node ${holder.name}`;
    return { node, state: "unpublished", reason: "duplicate-address", message };
  }
  holders.set(address, node);
  const port = EXPORTER_PORTS[source];
  const ready = source !== "managed" || isProven(node, port, context);
  const endpoint: NodeEndpoint = { node: node.name, uid: node.uid, address, port, ready, zone: node.zone };
  const isUnexplained = observed.exporters !== undefined && !observed.exporters.nodes.has(node.name);
  return isUnexplained
    ? { node, state: "uncovered", reason: "unexplained", endpoint }
    : { node, state: "published", endpoint };
}

/** Returns why the app does not publish a pool whose source is off. */
export function whyOff(pool: string | undefined, { selection }: EndpointsDesired): Reason {
  return isUninstalling(pool, selection) ? "uninstall" : "pool-off";
}

function explainNoAddress({ internalIps }: WindowsNode, family: AddressFamily): string {
  const known = internalIps.map((each) => {
    const { problem } = checkAddress(each);
    return problem === undefined ? each : `${each || "(empty)"} (${problem})`;
  });
  return `the Service's primary IP family is ${family}; the node's InternalIP addresses: ${known.join(", ") || "none"}`;
}

/**
 * Returns whether the node's exporter is proven: the extension succeeded after the Node was created, or a live object
 * has the endpoint as ready. Readiness is therefore never withdrawn while the node's uid exists.
 */
function isProven(node: WindowsNode, port: number, { observed, live }: Context): boolean {
  const succeededAt = observed.exporters?.nodes.get(node.name)?.succeededAt;
  return (succeededAt !== undefined && succeededAt > node.createdAt) || live.get(readinessKey(node.uid, port)) === true;
}

/**
 * Returns whether the node's machine is gone. A silent kubelet is not enough: a complete list of the scale sets, taken
 * after it fell silent, must also show no running instance.
 */
function isGone(node: WindowsNode, { observed: { at, exporters }, isMajorityUnknown }: Context): boolean {
  const { ready, readySince } = node;
  if (ready !== "Unknown" || readySince === undefined || isMajorityUnknown || !exporters) return false;
  return at - readySince >= UNKNOWN_GRACE_MS && wasListedSince(exporters, readySince) && !isRunning(exporters, node);
}

function wasListedSince(exporters: ExporterStatuses, since: EpochMs): boolean {
  return exporters.listedAt > since;
}

function isRunning(exporters: ExporterStatuses, { name }: WindowsNode): boolean {
  const status = exporters.nodes.get(name);
  return status?.isRunning ?? false;
}
