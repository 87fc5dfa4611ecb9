import type { NodeFacts } from "../model/node.ts";
import type { ExtensionObserved } from "../model/observed.ts";
import { byText, compareTexts } from "../model/order.ts";
import type { Package } from "../model/package.ts";
import type { EpochMs } from "../model/time.ts";
import { chooseCanaries } from "./canary.ts";
import { type ExtensionDesired, markerOf } from "./desired.ts";
import { isCounted } from "./hold.ts";
import type { InstanceVerdict } from "./instance-context.ts";
import type { HeldMarker, Trial } from "./marker-memory.ts";
import type { ExtensionMemory, ScaleSetMemory } from "./memory.ts";
import { choosePackage, type DesiredPackage } from "./package.ts";
import { createScaleSetContext, type ScaleSetContext } from "./scale-set-context.ts";

/** As many as a rollback may name (dsc: `previous` in the manifest has more, but none is older than that in use). */
const MAX_PROVEN = 10;

/** Upgrades to one marker that harmed nodes in so many pools are no accident of a pool. */
const HARMED_POOLS = 2;

/** What a pass observed, and the settings. */
interface Sources {
  readonly desired: ExtensionDesired;
  readonly observed: ExtensionObserved;
}

/**
 * Records what a pass observed of the markers: the trial of a new one, which ends when it is proven or held, and the
 * holds on proven ones. Both kinds of hold end when another marker is named.
 */
export function recordMarkers(memory: ExtensionMemory, before: Package | undefined, sources: Sources): ExtensionMemory {
  const isRenamed =
    before !== undefined && memory.package !== undefined && markerOf(before) !== markerOf(memory.package);
  const known = isRenamed ? endHolds(memory) : memory;
  return recordPackageHolds(recordTrial(known, sources), sources);
}

function endHolds(memory: ExtensionMemory): ExtensionMemory {
  const scaleSets = Object.entries(memory.scaleSets).map(
    ([id, each]) => [id, { ...each, packageHold: undefined }] as const,
  );
  return { ...memory, held: undefined, scaleSets: Object.fromEntries(scaleSets) };
}

function recordTrial(memory: ExtensionMemory, sources: Sources): ExtensionMemory {
  const choice = choosePackage(sources.desired, sources.observed, memory);
  const { named, standing } = choice;
  if (!named || !sources.observed.cluster) return memory;
  return standing === "new" ? tryOut(named, memory, choice, sources) : { ...memory, trial: undefined };
}

function tryOut(
  named: Package,
  memory: ExtensionMemory,
  choice: DesiredPackage,
  { desired, observed }: Sources,
): ExtensionMemory {
  const { at: now } = observed;
  const marker = markerOf(named);
  const begun = memory.trial?.marker === marker ? memory.trial : newTrial(marker, now);
  const everywhere = new Set(observed.scaleSets.map(({ id }) => id));
  const contexts = contextsOf(memory, { ...choice, canaries: everywhere }, { desired, observed });
  const chosen = chooseCanaries(begun, contexts, { desired, observed });
  const isIn = new Set<string>(chosen.scaleSets);
  const canaries = contexts.filter(({ scaleSet }) => isIn.has(scaleSet.id));
  const held = findFailure(marker, canaries, memory, now);
  if (held) return { ...memory, held, trial: undefined };
  const isComplete = chosen.scaleSets.every((id) => everywhere.has(id));
  const instances = canaries.flatMap((each) => each.instances);
  const seen = look(instances, observed.nodes);
  const sight = { ...seen, isComplete: seen.isComplete && isComplete };
  const trial = soak(chosen, sight, now);
  const isProven = sight.isWell && now - (trial.soakingSince ?? now) >= desired.soakMs;
  if (!isProven) return { ...memory, trial };
  return { ...memory, trial: undefined, proven: [...memory.proven, named].slice(-MAX_PROVEN) };
}

function newTrial(marker: string, now: EpochMs): Trial {
  const none = { joinedAt: undefined, currentAt: undefined, soakingSince: undefined };
  return { marker, since: now, scaleSets: [], ...none };
}

/** What a pass saw of the instances of the canary pools. */
interface Sight {
  /** One is current. */
  readonly isCurrent: boolean;
  /** One is current, with its Node Ready. */
  readonly isWell: boolean;
  /** Every one could be seen. */
  readonly isComplete: boolean;
}

/** Without node facts, `current` alone counts. */
function look(verdicts: readonly InstanceVerdict[], nodes: NodeFacts | undefined): Sight {
  const current = verdicts.filter(({ state }) => state === "current");
  const ready = current.map(({ instance }) => (nodes ? nodes.nodes.get(instance.node)?.ready : "True"));
  return {
    isCurrent: current.length > 0,
    isWell: ready.includes("True"),
    isComplete: !ready.includes(undefined) && verdicts.every(({ state }) => state !== "unknown"),
  };
}

/** The trial soaks as long as each pass sees an instance that is well. One that cannot be seen is no news. */
function soak(trial: Trial, { isCurrent, isWell, isComplete }: Sight, now: EpochMs): Trial {
  const { currentAt, soakingSince } = trial;
  const since = isWell ? (soakingSince ?? now) : isComplete ? undefined : soakingSince;
  return { ...trial, currentAt: isCurrent ? now : currentAt, soakingSince: since };
}

/** Returns the hold on a new marker: it failed because of itself, or upgrades to it harmed nodes in two pools. */
function findFailure(
  marker: string,
  canaries: readonly ScaleSetContext[],
  { scaleSets }: ExtensionMemory,
  since: EpochMs,
): HeldMarker | undefined {
  const failed = canaries.flatMap((ctx) => ctx.instances.filter((each) => isOwnFailure(each, marker, ctx)));
  const nodes = failed.map(({ instance }) => instance.node);
  if (nodes.length > 0) return { marker, reason: "canary-failed", since, nodes };
  const harms = Object.values(scaleSets).flatMap(({ harm }) => (harm?.marker === marker ? [harm] : []));
  if (harms.length < HARMED_POOLS) return undefined;
  return { marker, reason: "harmed-nodes", since, nodes: harms.flatMap((each) => each.nodes).toSorted(compareTexts) };
}

/** A new package that hangs is its own failure. A node that was provisioned with it tried it as well. */
function isOwnFailure(verdict: InstanceVerdict, marker: string, { memory, now }: ScaleSetContext): boolean {
  const { state, reason, instance } = verdict;
  if (state !== "failed" || (reason !== "cause-package" && reason !== "stuck")) return false;
  const isProvisioned = memory.instances[instance.vmId]?.provisioned?.marker === marker;
  return isCounted(verdict, { marker, memory, now }) || (reason === "stuck" && isProvisioned);
}

/** Records in each pool that a proven package failed on several instances. */
function recordPackageHolds(memory: ExtensionMemory, { desired, observed }: Sources): ExtensionMemory {
  const scaleSets = observed.scaleSets.filter(({ id }) => {
    const set = memory.scaleSets[id];
    return set !== undefined && mayHold(set);
  });
  if (scaleSets.length === 0) return memory;
  const choice = choosePackage(desired, observed, memory);
  const contexts = contextsOf(memory, choice, { desired, observed: { ...observed, scaleSets } });
  const held = contexts.flatMap(({ scaleSet, memory: set, marker, rollout, now: since }) => {
    const hold = rollout?.hold;
    if (hold?.reason !== "package-held" || marker === undefined) return [];
    return [[scaleSet.id, { ...set, packageHold: { marker, since, nodes: hold.nodes } }] as const];
  });
  return { ...memory, scaleSets: { ...memory.scaleSets, ...Object.fromEntries(held) } };
}

function mayHold({ instances, packageHold }: ScaleSetMemory): boolean {
  return !packageHold && Object.values(instances).filter(({ attempts }) => attempts?.failedAt !== undefined).length > 1;
}

function contextsOf(
  memory: ExtensionMemory,
  desiredPackage: DesiredPackage,
  { desired, observed }: Sources,
): readonly ScaleSetContext[] {
  const { cluster, scaleSets } = observed;
  if (!cluster) return [];
  const sources = { desired, observed, memory, desiredPackage, packages: new Map<string, string>() };
  return scaleSets.toSorted(byText(({ id }) => id)).map((each) => createScaleSetContext(cluster, each, sources));
}
