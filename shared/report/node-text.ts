import { compact } from "../model/json.ts";
import type { Verdict } from "../model/verdict.ts";
import { capitalize, describeTime, REASONS } from "./describe.ts";
import { type ClassifiedNode, isProven } from "./node-status.ts";
import { entryFor, toRemedy } from "./remedies.ts";
import type { RemedyContext } from "./remedy-context.ts";
import type { RemedyEntry } from "./remedy-entry.ts";
import type { NodeState, NodeStatus } from "./status.ts";

const SENTENCES: Readonly<Record<Exclude<NodeState, "blind">, string>> = {
  excluded: "The app does not manage it",
  installing: "The exporter is being installed",
  planned: "The app would act, but does not",
  failed: "The installation failed",
  "waiting-for-aks": "It waits for AKS",
  queued: "It waits for its turn",
  held: "A hold keeps it from being upgraded",
  "not-running": "Its machine is not running",
  covered: "Published with a proven exporter",
  outdated: "Published with a proven exporter of another package",
};

type Ctx = Pick<RemedyContext, "app" | "cluster">;

/** Returns what is said of one node. */
export function describeNodeStatus(node: ClassifiedNode, ctx: Ctx): NodeStatus {
  const { state, level, published, because, since, instance, endpoint } = node;
  const entry = entryOf(node);
  return compact({
    node: node.node,
    pool: node.pool,
    state,
    level,
    hasMetrics: node.hasMetrics,
    reason: because?.reason,
    message: messageOf(node),
    since: describeTime(since),
    remedy: toRemedy(entry, remedyContext(node, ctx)),
    healsItself: healsItself(node),
    published: compact({ state: published, endpoint: addressOf(endpoint) }),
    package: instance?.instance?.package,
    nextTryAt: nextTryOf(because),
  });
}

/** Returns whether the app or AKS ends the state of a node without a person. */
export function healsItself(node: ClassifiedNode): boolean {
  return node.level === "well" || node.level === "working" || entryOf(node)?.heals === true;
}

function entryOf(node: ClassifiedNode): RemedyEntry | undefined {
  return node.because && node.level !== "well" ? entryFor(node.because, node) : undefined;
}

function addressOf(endpoint: Verdict | undefined): string | undefined {
  return endpoint?.endpoint?.endpoint;
}

/** Returns when the app tries again what a verdict is about; undefined if it does not. */
export function nextTryOf(verdict: Verdict | undefined): string | undefined {
  return verdict?.nextTryAt === undefined ? undefined : describeTime(verdict.nextTryAt);
}

function remedyContext({ because, pool, node, instance }: ClassifiedNode, ctx: Ctx): RemedyContext {
  const subject = instance?.subject;
  const own = subject?.kind === "instance" ? { scaleSet: subject.scaleSet, instanceId: subject.id } : {};
  return { ...ctx, ...own, node, names: because?.names ?? {}, ...(pool !== "" && { pool }) };
}

function messageOf(node: ClassifiedNode): string {
  const { state, because } = node;
  const sentence = state === "blind" ? whyBlind(node) : SENTENCES[state];
  if (!because || isAddress(node) || state === "installing") return `${sentence}.`;
  const why = because.reason ? capitalize(REASONS[because.reason]) : sentence;
  // What is said of a cluster or a pool is said once, where its problem is.
  const isOwn = because === node.instance || because === node.endpoint;
  return because.message !== undefined && isOwn ? `${why}. ${capitalize(because.message)}` : `${why}.`;
}

/** The message about an endpoint without a reason is its address. */
function isAddress({ because, endpoint }: ClassifiedNode): boolean {
  return because === endpoint && because?.reason === undefined;
}

function whyBlind({ instance, endpoint, published }: ClassifiedNode): string {
  if (instance && !isProven(instance)) return "It has no proven exporter";
  if (published === "unknown") return "No pass has read what the cluster publishes";
  return endpoint ? "It is not published with a proven exporter" : "The cluster has no Node object of it";
}
