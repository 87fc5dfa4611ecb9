import { isDeleting, isMoving } from "../model/cluster.ts";
import { AKS_EXTENSION_NAME } from "../model/extension.ts";
import type { NodeFact, NodeFacts } from "../model/node.ts";
import type { Instance, ScaleSet } from "../model/scale-set.ts";
import { type EpochMs, MINUTE_MS } from "../model/time.ts";
import type { BatchMember, BatchMemory, BatchResult, Harm } from "./batch-memory.ts";
import type { ExtensionMemory, ScaleSetMemory } from "./memory.ts";

/** A node that is not Ready for so long after its upgrade does not come back by itself. */
const BACK_WITHIN_MS = 15 * MINUTE_MS;
/** For so long after an upgrade the first instance of a pool is watched, and every one without node facts. */
const FIRST_WATCHED_FOR_MS = 3 * MINUTE_MS;
const BLINDLY_WATCHED_FOR_MS = 5 * MINUTE_MS;

/** What a pass observed, for the judgement of a batch. */
interface Observation {
  readonly scaleSet: ScaleSet;
  readonly nodes: NodeFacts | undefined;
  readonly now: EpochMs;
}

/**
 * Returns the memory of a scale set after a pass has judged its open batch. The first row that matches gives the result of
 * an instance, and it stays:
 *
 *     observed                                                               result
 *     --------                                                               ------
 *     not listed, not running, or being deleted                              gone
 *     AKS has worked on the pool since the submission                        unjudged
 *     the operation has not ended                                            none yet
 *     no node facts, and it ended less than 5 minutes ago                    none yet
 *     no node facts, and vmssCSE has run since the submission                harmed
 *     no node facts                                                          unharmed
 *     node facts not newer than the end (a batch of one: 3 minutes after it) none yet
 *     the same boot, Ready since before the submission                       unharmed
 *     not Ready, for less than 15 minutes after the end                      none yet
 *     not Ready since before the submission                                  unjudged
 *     a Node outside the batch was interrupted as well                       unjudged, 15 minutes after the end
 *     else: another uid or boot, or a Ready that was interrupted             harmed
 */
export function recordBatch(known: ScaleSetMemory, observation: Observation): ScaleSetMemory {
  const harm = lastingHarm(known, observation);
  if (!known.batch) return { ...known, harm };
  const batch = recordEnd(known.batch, known, observation);
  const members = batch.members.map((member) => {
    return member.result ? member : { ...member, result: classify(member, { ...observation, batch, known }) };
  });
  const harmed = members.filter(({ result }) => result === "harmed").map(({ node }) => node);
  const isUnharmed = batch.isEndKnown && members.some(({ result }) => result === "unharmed");
  return {
    ...known,
    batch: members.every(({ result }) => result !== undefined) ? undefined : { ...batch, members },
    unharmedAt: isUnharmed ? batch.submittedAt : known.unharmedAt,
    harm: harmed.length > 0 ? toHarm(batch, harmed, known, observation) : harm,
  };
}

/** Returns the harm in a pool; undefined once AKS has brought the pool another image or version. */
function lastingHarm({ harm, poolVersion }: ScaleSetMemory, { scaleSet: { image } }: Observation): Harm | undefined {
  if (!harm) return undefined;
  return isOther(harm.image, image) || isOther(harm.version, poolVersion) ? undefined : harm;
}

function isOther(before: string | undefined, now: string | undefined): boolean {
  return before !== undefined && now !== undefined && before !== now;
}

function toHarm(
  { marker }: BatchMemory,
  nodes: readonly BatchMember["node"][],
  { harm, poolVersion: version }: ScaleSetMemory,
  { scaleSet: { image }, now }: Observation,
): Harm {
  return { marker, since: harm?.since ?? now, nodes, image, version };
}

/**
 * Records the end of the batch's operation. One of which it is not known whether ARM accepted it has ended when a pass at
 * least a minute later finds the scale set at rest.
 */
function recordEnd(batch: BatchMemory, { operation }: ScaleSetMemory, { scaleSet, now }: Observation): BatchMemory {
  if (batch.endedAt !== undefined) return batch;
  if (batch.isAccepted) {
    if (operation?.endedAt === undefined) return batch;
    return { ...batch, endedAt: operation.endedAt, isEndKnown: operation.state !== "unknown" };
  }
  const hasEnded = now - batch.submittedAt >= MINUTE_MS && !isMoving(scaleSet.provisioningState);
  return hasEnded ? { ...batch, endedAt: now } : batch;
}

interface MemberContext extends Observation {
  readonly batch: BatchMemory;
  readonly known: ScaleSetMemory;
}

function classify(member: BatchMember, ctx: MemberContext): BatchResult | undefined {
  const { scaleSet, batch, known } = ctx;
  const instance = scaleSet.instances.find(({ vmId }) => vmId === member.vmId);
  if (!instance?.isRunning || isDeleting(instance.provisioningState)) return "gone";
  if ((known.aksWorkedAt ?? 0) > batch.submittedAt) return "unjudged";
  return batch.endedAt === undefined ? undefined : classifyEnded(member, instance, { ...ctx, endedAt: batch.endedAt });
}

type EndedContext = MemberContext & { readonly endedAt: EpochMs };

function classifyEnded(member: BatchMember, instance: Instance, ctx: EndedContext): BatchResult | undefined {
  const { batch, nodes, now, endedAt } = ctx;
  const fact = nodes?.nodes.get(member.node);
  if (!nodes || !fact) return classifyWithoutFacts(instance, batch.submittedAt, now - endedAt);
  const watchedFor = batch.members.length === 1 ? FIRST_WATCHED_FOR_MS : 0;
  return nodes.seenAt > endedAt + watchedFor ? classifyByFacts(member, fact, { ...ctx, nodes }) : undefined;
}

function classifyWithoutFacts({ extensions }: Instance, submittedAt: EpochMs, ageMs: number): BatchResult | undefined {
  if (ageMs < BLINDLY_WATCHED_FOR_MS) return undefined;
  const bootstrappedAt = extensions.find(({ name }) => name === AKS_EXTENSION_NAME)?.at ?? 0;
  return bootstrappedAt > submittedAt ? "harmed" : "unharmed";
}

function classifyByFacts(
  { before }: BatchMember,
  fact: NodeFact,
  ctx: EndedContext & { readonly nodes: NodeFacts },
): BatchResult | undefined {
  const { batch, nodes, now, endedAt } = ctx;
  const isLate = now - endedAt >= BACK_WITHIN_MS;
  const isReady = fact.ready === "True";
  const isSame = isSameBoot(before, fact) && !isInterrupted(fact, batch.submittedAt);
  if (isSame && isReady) return "unharmed";
  if (!isReady && !isLate) return undefined;
  if (isSame) return "unjudged";
  if (!areOthersInterrupted(batch, nodes)) return "harmed";
  return isLate ? "unjudged" : undefined;
}

function isSameBoot(before: NodeFact | undefined, now: NodeFact): boolean {
  return !isOther(before?.uid, now.uid) && !isOther(before?.bootId, now.bootId);
}

/** Returns whether a Node outside the batch was interrupted as well: then it is no upgrade that did it. */
function areOthersInterrupted({ submittedAt, members }: BatchMemory, { nodes }: NodeFacts): boolean {
  const own = new Set<string>(members.map(({ node }) => node));
  return [...nodes].some(
    ([name, fact]) => !own.has(name) && fact.createdAt <= submittedAt && isInterrupted(fact, submittedAt),
  );
}

/** Returns whether the Ready condition of a Node has changed since a time, or the Node is newer. */
function isInterrupted({ readySince = 0, createdAt }: NodeFact, since: EpochMs): boolean {
  return Math.max(readySince, createdAt) > since;
}

/** Returns the endpoints flow while a batch is watched: its facts of the nodes judge it. */
export function flowsForBatches(_before: ExtensionMemory, { scaleSets }: ExtensionMemory): readonly string[] {
  return Object.values(scaleSets).some(({ batch }) => batch !== undefined) ? ["endpoints"] : [];
}
