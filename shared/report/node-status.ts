import type { Reason } from "../model/reason.ts";
import type { EpochMs } from "../model/time.ts";
import type { EndpointFacts, Verdict, VerdictState } from "../model/verdict.ts";
import type { JoinedNode } from "./join.ts";
import { type Level, levelOf } from "./levels.ts";
import { levelOfNode } from "./node-levels.ts";
import type { NodeState } from "./status.ts";

/** Whether the cluster's objects have a node: `ready` with a proven exporter; `unknown` if no pass has read them. */
export type Published = EndpointFacts["live"] | "unknown";

/** The status of one node, and the verdict that explains it. */
export interface ClassifiedNode extends JoinedNode {
  readonly state: NodeState;
  readonly level: Level;
  readonly published: Published;
  /** Whether Prometheus gets metrics from it: it is published as ready, and its exporter was not lost since. */
  readonly hasMetrics: boolean;
  /** Undefined if no pass has a verdict that explains it. */
  readonly because: Verdict | undefined;
  readonly since: EpochMs;
  /** Since when Prometheus gets none; undefined if it gets some. */
  readonly withoutMetricsSince: EpochMs | undefined;
  /** Whether another node of its pool is covered. */
  readonly othersAreWell?: boolean;
}

interface Context extends JoinedNode {
  readonly published: Published;
  readonly now: EpochMs;
}

type Row = (ctx: Context) => Pick<ClassifiedNode, "state" | "because"> | undefined;

/**
 * The first row that matches gives the state of a node:
 *
 *     observed                                                                      state
 *     --------                                                                      -----
 *     its pool is off, outside POOLS, in UNINSTALL_POOLS or not managed any more    excluded
 *     our extension runs on it, or its upgrade was submitted                        installing
 *     a policy withholds what would be done to it, or its publication               planned
 *     our extension failed on it                                                    failed
 *     not current, and AKS is at work, or has to replace or finish it               waiting-for-aks
 *     waits for a trial in another pool, or for those before it                     queued
 *     a hold keeps it from being upgraded                                           held
 *     its machine is deallocated or being deleted                                   not-running
 *     has metrics, with the desired package or from a source but `managed`          covered
 *     has metrics                                                                   outdated
 *     else                                                                          blind
 */
const ROWS: readonly Row[] = [
  ({ endpoint, scaleSet }) => {
    const because = [endpoint, ...scaleSet].find((each) => each?.state === "excluded" || each?.state === "unmanaged");
    return because && { state: "excluded", because };
  },
  ({ instance, isSubmitted }) =>
    isSubmitted || instance?.state === "installing" ? { state: "installing", because: instance } : undefined,
  (ctx) => {
    const because = withheld(ctx);
    return because && { state: "planned", because };
  },
  ({ instance }) => (instance?.state === "failed" ? { state: "failed", because: instance } : undefined),
  (ctx) => {
    const because = isCurrent(ctx) ? undefined : aksWork(ctx);
    return because && { state: "waiting-for-aks", because };
  },
  ({ instance }) => {
    const state = instance?.state === "outdated" && instance.reason && NOT_NOW[instance.reason];
    return state ? { state, because: instance } : undefined;
  },
  ({ instance }) => (instance?.state === "not-running" ? { state: "not-running", because: instance } : undefined),
  (ctx) => {
    if (!hasMetrics(ctx)) return undefined;
    const isDesired = !isManaged(ctx) || isCurrent(ctx);
    return { state: isDesired ? "covered" : "outdated", because: isDesired ? ctx.endpoint : ctx.instance };
  },
];

/** Returns the status of each node. */
export function classifyNodes(joined: readonly JoinedNode[], now: EpochMs): readonly ClassifiedNode[] {
  return withNeighbours(joined.map((each) => classifyNode(each, now)));
}

/** A failure on one node is another matter if the same package works on others of its pool. */
function withNeighbours(nodes: readonly ClassifiedNode[]): readonly ClassifiedNode[] {
  const pools = new Set(nodes.filter(({ state }) => state === "covered").map(({ pool }) => pool));
  return nodes.map((each) => (pools.has(each.pool) ? { ...each, othersAreWell: true } : each));
}

/** What keeps an outdated instance from being upgraded. */
const NOT_NOW: Readonly<Partial<Record<Reason, NodeState>>> = {
  "awaiting-canary": "queued",
  queued: "queued",
  "canary-failed": "held",
  "package-held": "held",
  "upgrade-restarted-node": "held",
};

/** Returns the status of one node. */
export function classifyNode(joined: JoinedNode, now: EpochMs): ClassifiedNode {
  const ctx: Context = { ...joined, published: publishedAs(joined), now };
  for (const row of ROWS) {
    const found = row(ctx);
    if (found) return complete(ctx, found);
  }
  return complete(ctx, { state: "blind", because: whyBlind(ctx) });
}

function complete(ctx: Context, { state, because }: Pick<ClassifiedNode, "state" | "because">): ClassifiedNode {
  const { now: _, ...joined } = ctx;
  const since = state === "blind" ? blindSince(ctx) : sinceOf(ctx, because);
  const level = levelOfNode(state, ctx.now - since);
  const has = hasMetrics(ctx);
  const withoutMetricsSince = has ? undefined : blindSince(ctx);
  return { ...joined, state, because, since, level, hasMetrics: has, withoutMetricsSince };
}

/** Returns whether the app installs the exporter of a node. */
function isManaged({ instance, endpoint }: JoinedNode): boolean {
  return instance !== undefined && endpoint?.endpoint?.source === "managed";
}

/** An endpoint stays ready while its Node has the same uid, and AKS can have replaced the disk under it. */
function hasMetrics(ctx: Context): boolean {
  const { published, instance } = ctx;
  return published === "ready" && (instance === undefined || !isManaged(ctx) || isProven(instance));
}

/** After a pass that wrote all that it had to, the objects are as they should be; else as it read them. */
function publishedAs({ endpoint, isClusterRead, isWritten }: JoinedNode): Published {
  if (!isClusterRead) return "unknown";
  const facts = endpoint?.endpoint;
  if (!facts) return "no";
  if (!isWritten) return facts.live;
  return facts.endpoint === undefined ? "no" : facts.isReady ? "ready" : "not-ready";
}

/** The last known package of an agent that is silent counts. */
function isCurrent({ instance }: JoinedNode): boolean {
  if (instance?.state === "current") return true;
  const isSilent = instance?.state === "unknown" || instance?.state === "protected";
  return isSilent && instance.instance?.isDesired === true && isProven(instance);
}

const UPGRADED: ReadonlySet<VerdictState | undefined> = new Set(["outdated", "failed"]);

function withheld({ instance, scaleSet, objects, endpoint, published }: Context): Verdict | undefined {
  const onSet = UPGRADED.has(instance?.state) ? scaleSet.find(({ state }) => state === "planned") : undefined;
  if (onSet) return onSet;
  const facts = endpoint?.endpoint;
  const isBehind = facts?.isReady === true && published !== "ready";
  return objects?.state === "planned" && isBehind ? objects : undefined;
}

const AKS_REASONS: ReadonlySet<Reason | undefined> = new Set(["aks-busy", "settling"]);

function aksWork({ instance, scaleSet }: Context): Verdict | undefined {
  if (instance === undefined || instance.state === "not-running") return undefined;
  const onSet = scaleSet.find(({ state, reason }) => state === "waiting" && AKS_REASONS.has(reason));
  return onSet ?? (instance.state === "awaiting-aks" ? instance : undefined);
}

/** Returns what keeps a node without a proven exporter, or unpublished; undefined if no verdict tells. */
function whyBlind(ctx: Context): Verdict | undefined {
  const { instance, scaleSet, objects, endpoint } = ctx;
  if (instance && !isProven(instance)) {
    return UPGRADED.has(instance.state) ? (scaleSet.find(needsAttention) ?? instance) : instance;
  }
  return objects && needsAttention(objects) ? objects : endpoint;
}

function needsAttention({ state }: Verdict): boolean {
  return levelOf(state) === "trouble" || levelOf(state) === "waiting";
}

/** Returns whether the exporter of an instance was proven since it was created or reimaged. */
export function isProven(instance: Verdict): boolean {
  return instance.instance?.unprovenSince === undefined;
}

/** Returns when the node began to be without a proven exporter, or unpublished: the earlier of the two. */
function blindSince(ctx: Context): EpochMs {
  const { instance, now } = ctx;
  const known = [instance?.instance?.unprovenSince, unpublishedSince(ctx)].filter((each) => each !== undefined);
  return known.length > 0 ? Math.min(...known) : (instance?.since ?? now);
}

/** A node without a proven exporter is not to be published as ready. */
function unpublishedSince({ instance, endpoint, objects, published }: Context): EpochMs | undefined {
  const isDue = instance === undefined || isProven(instance) || endpoint?.endpoint?.isReady === true;
  if (!isDue || !endpoint || published === "ready") return undefined;
  return Math.max(endpoint.since, objects && objects.state !== "in-sync" ? objects.since : 0);
}

/** A state that two verdicts make has held since the later of them. */
function sinceOf({ instance, endpoint, now }: Context, because: Verdict | undefined): EpochMs {
  const isOwn = because === instance || because === endpoint;
  return Math.max(because?.since ?? now, isOwn ? 0 : (instance?.since ?? 0));
}
