import { isMoving } from "../model/cluster.ts";
import { findOwnExtension } from "../model/extension.ts";
import type { CallFailure } from "../model/failure.ts";
import type { ExtensionObserved } from "../model/observed.ts";
import type { Package } from "../model/package.ts";
import { isUninstalling } from "../model/pools.ts";
import type { Instance, ScaleSet } from "../model/scale-set.ts";
import { type EpochMs, MINUTE_MS } from "../model/time.ts";
import { busyWaitMs } from "../model/waits.ts";
import type { OperationMemory, UnreadableMemory } from "./call-memory.ts";
import type { ExtensionDesired } from "./desired.ts";
import { EMPTY_SCALE_SET, type ExtensionMemory, type ScaleSetMemory } from "./memory.ts";
import { type OwnRun, readOwnRun } from "./own-run.ts";
import { provenInModels } from "./proven-in-models.ts";
import { recordAks } from "./record-aks.ts";
import { recordBatch } from "./record-batch.ts";
import { recordBlind, recordEvents } from "./record-events.ts";
import { recordInstance } from "./record-instance.ts";
import { recordMarkers } from "./record-markers.ts";
import { recordUninstall, removalMarkers } from "./record-uninstall.ts";

/**
 * Returns memory with what a pass has observed, before it plans: the results of our operations, and the marker of each
 * instance. Removes scale sets and instances that no longer exist.
 */
export function recordObservation(
  memory: ExtensionMemory,
  observed: ExtensionObserved,
  desired: ExtensionDesired,
): ExtensionMemory {
  const { resyncAfterMs } = desired;
  const { current } = observed.packages;
  const hasLost = isLost(memory, observed);
  const runs = readRuns(observed.scaleSets);
  const showsEvidence = memory.showsEvidence || [...runs.values()].some(({ evidence }) => evidence !== undefined);
  const named = "package" in current ? current.package : memory.package;
  const installed = observed.scaleSets.filter(({ pool }) => !isUninstalling(pool, desired.selection));
  const proven = hasLost ? provenInModels(installed, named, runs) : memory.proven;
  const removals = removalMarkers(observed, [...proven, memory.package, named], memory);
  const observation = { observed, desired, runs, showsEvidence, hasLost, proven, named, removals };
  const scaleSets = observed.scaleSets.map((scaleSet) => {
    const known = memory.scaleSets[scaleSet.id] ?? EMPTY_SCALE_SET;
    return [scaleSet.id, recordScaleSet(known, scaleSet, observation)] as const;
  });
  const unreadable = observed.unreadable.map(({ model, failure }) => {
    const known = memory.scaleSets[model.id] ?? EMPTY_SCALE_SET;
    return [
      model.id,
      failure ? { ...known, unreadable: recordUnreadable(known, failure, observed.at) } : known,
    ] as const;
  });
  const recorded = {
    ...memory,
    upgradesFrom: hasLost ? observed.at + resyncAfterMs : memory.upgradesFrom,
    proven,
    nodeResourceGroup: observed.cluster?.nodeResourceGroup ?? memory.nodeResourceGroup,
    package: named,
    showsEvidence,
    scaleSets: Object.fromEntries([...scaleSets, ...unreadable]),
  };
  return recordEvents(memory, recordMarkers(recorded, memory.package, { desired, observed }), observed);
}

/** Returns whether memory was lost: it has no scale set, and our extension is already in a model or on an instance. */
function isLost({ scaleSets: known }: ExtensionMemory, { scaleSets }: ExtensionObserved): boolean {
  if (Object.keys(known).length > 0) return false;
  return scaleSets.some(
    ({ extensions, instances }) =>
      findOwnExtension(extensions) !== undefined ||
      instances.some((each) => findOwnExtension(each.extensions) !== undefined),
  );
}

/** Records a list that failed: the next one is read after `Retry-After`, else after 1, 2, 4, then 5 minutes. */
function recordUnreadable(
  { unreadable: before }: ScaleSetMemory,
  failure: CallFailure,
  now: EpochMs,
): UnreadableMemory {
  const { fault, message, retryAfterMs, names } = failure;
  const failures = before?.failures ?? 0;
  const reason = fault === "denied" || fault === "throttled" ? fault : "read-failed";
  return { reason, failures: failures + 1, until: now + (retryAfterMs ?? busyWaitMs(failures)), message, names };
}

/** What a pass observed, and what its memory says about the whole cluster. */
interface Observation {
  readonly observed: ExtensionObserved;
  readonly desired: ExtensionDesired;
  readonly proven: readonly Package[];
  readonly named: Package | undefined;
  /** The markers of the packages that remove the exporter. */
  readonly removals: ReadonlySet<string>;
  readonly runs: Runs;
  readonly showsEvidence: boolean;
  /** Whether memory was lost before this pass. */
  readonly hasLost: boolean;
}

/** The runs of our extension, by instance; each is parsed once. */
type Runs = ReadonlyMap<Instance, OwnRun>;

function readRuns(scaleSets: readonly ScaleSet[]): Runs {
  const runs = new Map<Instance, OwnRun>();
  for (const instance of scaleSets.flatMap(({ instances }) => instances)) {
    const run = readOwnRun(instance);
    if (run) runs.set(instance, run);
  }
  return runs;
}

function recordScaleSet(known: ScaleSetMemory, scaleSet: ScaleSet, observation: Observation): ScaleSetMemory {
  const { observed, desired, runs, showsEvidence, hasLost, removals } = observation;
  const { owner } = desired;
  const { at: now } = observed;
  const operation = known.operation && recordOperation(known.operation, scaleSet, now);
  const tag = findOwnExtension(scaleSet.extensions)?.tag;
  const uninstall = recordUninstall(known, scaleSet, observation);
  const isUninstalling = uninstall !== undefined;
  const instances = Object.fromEntries(
    scaleSet.instances.map((instance) => {
      const before = known.instances[instance.vmId];
      const about = { showsEvidence, hasLost, removals, isUninstalling, now };
      const model = { tag, lastTag: known.lastTag, operation, ...about };
      return [instance.vmId, recordInstance(before, instance, runs.get(instance), model)];
    }),
  );
  const recorded: ScaleSetMemory = {
    ...known,
    pool: scaleSet.pool,
    listedAt: now,
    lastTag: tag ?? known.lastTag,
    unreadable: undefined,
    operation,
    uninstall,
    ...recordAks(known, scaleSet, observed),
    otherOwner: tag && tag.owner !== owner ? { owner: tag.owner, seenAt: now } : known.otherOwner,
    hasExtension: findOwnExtension(scaleSet.extensions) !== undefined,
    instances,
  };
  return recordBatch(
    { ...recorded, blind: recordBlind(known, recorded, now) },
    { scaleSet, nodes: observed.nodes, now },
  );
}

/** An operation whose state is unknown has ended when a pass at least a minute later finds the scale set at rest. */
function recordOperation(
  known: OperationMemory,
  { ownOperation, provisioningState }: ScaleSet,
  now: EpochMs,
): OperationMemory {
  if (!ownOperation) return known;
  const { state } = ownOperation;
  const mayRun = isMoving(provisioningState) || now - known.submittedAt < MINUTE_MS;
  if (state === "running" || (state === "unknown" && mayRun)) return known;
  return { ...known, state, endedAt: known.endedAt ?? now };
}
