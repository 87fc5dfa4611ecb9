import { isMoving } from "../model/cluster.ts";
import { findOwnExtension } from "../model/extension.ts";
import type { CallFailure } from "../model/failure.ts";
import type { ExtensionObserved } from "../model/observed.ts";
import { byText } from "../model/order.ts";
import type { Instance, ScaleSet } from "../model/scale-set.ts";
import { type EpochMs, MINUTE_MS } from "../model/time.ts";
import { busyWaitMs } from "../model/waits.ts";
import type { OperationMemory, UnreadableMemory } from "./call-memory.ts";
import { type ExtensionDesired, markerOf, packageInModel } from "./desired.ts";
import { EMPTY_SCALE_SET, type ExtensionMemory, type InstanceMemory, type ScaleSetMemory } from "./memory.ts";
import { type OwnRun, provesHealth, readOwnRun } from "./own-run.ts";
import { recordAks } from "./record-aks.ts";
import { recordBlind, recordEvents } from "./record-events.ts";
import { isViewReliable, recordInstance } from "./record-instance.ts";

/**
 * Returns memory with what a pass has observed, before it plans: the results of our operations, and the marker of each
 * instance. Removes scale sets and instances that no longer exist.
 */
export function recordObservation(
  memory: ExtensionMemory,
  observed: ExtensionObserved,
  { owner, resyncAfterMs }: Pick<ExtensionDesired, "owner" | "resyncAfterMs">,
): ExtensionMemory {
  const { current } = observed.packages;
  const runs = readRuns(observed.scaleSets);
  const showsEvidence = memory.showsEvidence || [...runs.values()].some(({ evidence }) => evidence !== undefined);
  const scaleSets = observed.scaleSets.map((scaleSet) => {
    const known = memory.scaleSets[scaleSet.id] ?? EMPTY_SCALE_SET;
    return [scaleSet.id, recordScaleSet(known, scaleSet, { observed, owner, runs, showsEvidence })] as const;
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
    upgradesFrom: isLost(memory, observed) ? observed.at + resyncAfterMs : memory.upgradesFrom,
    proven: recordProven(memory, observed, scaleSets),
    nodeResourceGroup: observed.cluster?.nodeResourceGroup ?? memory.nodeResourceGroup,
    package: "package" in current ? current.package : memory.package,
    showsEvidence,
    scaleSets: Object.fromEntries([...scaleSets, ...unreadable]),
  };
  return recordEvents(memory, recorded, observed);
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

/** As many as a rollback may name (dsc: `previous` in the manifest has more, but none is older than that in use). */
const MAX_PROVEN = 10;

/** Adds the packages with which a whole pool has become current; the newest is last. */
function recordProven(
  { proven, package: known }: ExtensionMemory,
  { packages, scaleSets: observed }: ExtensionObserved,
  scaleSets: readonly (readonly [string, ScaleSetMemory])[],
): ExtensionMemory["proven"] {
  const markers = new Set(scaleSets.map(([, { provenMarker }]) => provenMarker));
  const inModels = observed.flatMap((model) => packageInModel(model) ?? []);
  const current = "package" in packages.current ? [packages.current.package] : [];
  const candidates = [...inModels, ...(known ? [known] : []), ...current].toSorted(byText(({ hash }) => hash));
  const byMarker = new Map(proven.map((each) => [markerOf(each), each]));
  for (const each of candidates) {
    const marker = markerOf(each);
    if (markers.has(marker) && !byMarker.has(marker)) byMarker.set(marker, each);
  }
  return [...byMarker.values()].slice(-MAX_PROVEN);
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
  readonly owner: string;
  readonly runs: Runs;
  readonly showsEvidence: boolean;
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
  const { observed, owner, runs, showsEvidence } = observation;
  const { at: now } = observed;
  const operation = known.operation && recordOperation(known.operation, scaleSet, now);
  const tag = findOwnExtension(scaleSet.extensions)?.tag;
  const instances = Object.fromEntries(
    scaleSet.instances.map((instance) => {
      const before = known.instances[instance.vmId];
      const model = { tag, lastTag: known.lastTag, operation, showsEvidence, now };
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
    ...recordAks(known, scaleSet, observed),
    provenMarker: commonMarker(scaleSet, instances, observation) ?? known.provenMarker,
    otherOwner: tag && tag.owner !== owner ? { owner: tag.owner, seenAt: now } : known.otherOwner,
    hasExtension: findOwnExtension(scaleSet.extensions) !== undefined,
    instances,
  };
  return { ...recorded, blind: recordBlind(known, recorded, now) };
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

/**
 * Returns the marker that all instances with a reliable view have in common; undefined if they differ or there are
 * none.
 */
function commonMarker(
  scaleSet: ScaleSet,
  memories: Readonly<Record<string, InstanceMemory>>,
  { runs, showsEvidence }: Observation,
): string | undefined {
  const markers = scaleSet.instances.filter(isViewReliable).map((instance) => {
    const run = runs.get(instance);
    return run && provesHealth(run, showsEvidence) ? memories[instance.vmId]?.marker : undefined;
  });
  const [first] = markers;
  return markers.every((marker) => marker === first) ? first : undefined;
}
