import { isMoving } from "../model/cluster.ts";
import type { ExtensionTag } from "../model/extension.ts";
import { canonicalJson } from "../model/json.ts";
import type { Instance } from "../model/scale-set.ts";
import type { EpochMs } from "../model/time.ts";
import type { OperationMemory } from "./call-memory.ts";
import { isStuckSince } from "./instance-guards.ts";
import { type Attempts, EMPTY_INSTANCE, type InstanceMemory } from "./instance-memory.ts";
import { type OwnRun, provesHealth } from "./own-run.ts";

/** The state of the scale set to which an observed instance belongs. */
export interface ModelContext {
  /** The tag of our extension in the model as observed, and as the pass before observed it. */
  readonly tag: ExtensionTag | undefined;
  readonly lastTag: ExtensionTag | undefined;
  readonly operation: OperationMemory | undefined;
  /** Whether this cluster has ever shown the evidence of a run. */
  readonly showsEvidence: boolean;
  /** Whether memory was lost before this pass: a failure that is there already counts against no package. */
  readonly hasLost: boolean;
  /** The markers of the packages that remove the exporter, and whether the pool is uninstalled. */
  readonly removals: ReadonlySet<string>;
  readonly isUninstalling: boolean;
  readonly now: EpochMs;
}

/** Returns the memory of one instance after a pass has observed it and read the run of our extension on it. */
export function recordInstance(
  before: InstanceMemory | undefined,
  instance: Instance,
  run: OwnRun | undefined,
  model: ModelContext,
): InstanceMemory {
  const recorded = recordState(before, instance, run, model);
  const isUnproven = recorded.isRunning && recorded.succeededAt === undefined && !model.isUninstalling;
  return {
    ...recorded,
    unprovenSince: isUnproven ? (recorded.unprovenSince ?? model.now) : undefined,
    attempts: withFailingSince(recorded, isViewReliable(instance), model),
  };
}

/** Records when a pass first saw that attempts to remove the exporter failed, had no effect, or did not end. */
function withFailingSince(
  { attempts, installingSince = Number.POSITIVE_INFINITY }: InstanceMemory,
  isVisible: boolean,
  { removals, now }: ModelContext,
): Attempts | undefined {
  if (!attempts || attempts.failingSince !== undefined || !removals.has(attempts.marker)) return attempts;
  const hasNoEffect = attempts.succeeded && isVisible;
  const isFailing = attempts.failedAt !== undefined || hasNoEffect || isStuckSince(installingSince, now);
  return isFailing ? { ...attempts, failingSince: now } : attempts;
}

function recordState(
  before: InstanceMemory | undefined,
  instance: Instance,
  run: OwnRun | undefined,
  model: ModelContext,
): InstanceMemory {
  const { node, isRunning, vmId } = instance;
  const { operation } = model;
  const known = carryOver(before, instance, run, model);
  const attempts = known.attempts && recordResult(known.attempts, vmId, operation);
  const isUpgrading = operation?.state === "running" && operation.instances.includes(vmId);
  const isInstalling = run?.state === "transitioning" || isUpgrading;
  const recorded = { ...known, node, isRunning, attempts, ...installingSince(known, isInstalling, model) };
  if (!run) return recorded;
  // While our upgrade runs, the view still shows the result before it.
  if (isUpgrading) return { ...recorded, hadExtension: true, succeededSince: undefined };
  const modelMarker = instance.latestModelApplied ? model.tag?.marker : undefined;
  return recordRun(recorded, run, modelMarker, model);
}

function installingSince(
  known: InstanceMemory,
  isInstalling: boolean,
  { now }: ModelContext,
): Pick<InstanceMemory, "installingSince"> {
  return { installingSince: isInstalling ? (known.installingSince ?? now) : undefined };
}

/**
 * Returns what is still known of an instance. Nothing is known of a new one, and of a reimaged one, whose view is
 * reliable and no longer contains our extension, but what it was provisioned with.
 */
function carryOver(
  before: InstanceMemory | undefined,
  instance: Instance,
  run: OwnRun | undefined,
  model: ModelContext,
): InstanceMemory {
  const hasLost = before?.hadExtension === true && run === undefined;
  const isReimaged = hasLost && isViewReliable(instance);
  if (before && !isReimaged) return before;
  return { ...EMPTY_INSTANCE, node: instance.node, provisioned: provisionedTag(model) };
}

/** Returns what a new or reimaged instance was provisioned with; unknown if the model has changed since the pass before. */
function provisionedTag({ tag, lastTag }: ModelContext): InstanceMemory["provisioned"] {
  const isUnchanged = tag !== undefined && canonicalJson(tag) === canonicalJson(lastTag);
  return isUnchanged ? { marker: tag.marker, try: tag.try } : undefined;
}

/** Records our extension on an instance. `modelMarker` is the model's marker if the instance has the latest model. */
function recordRun(
  known: InstanceMemory,
  run: OwnRun,
  modelMarker: string | undefined,
  model: ModelContext,
): InstanceMemory {
  const applied = run.marker ?? modelMarker;
  const recorded = { ...known, hadExtension: true, succeededSince: undefined };
  switch (run.state) {
    case "failed": {
      const failedMarker = applied ?? known.failedMarker ?? known.provisioned?.marker;
      return { ...recorded, failedMarker, attempts: recordFailure({ ...known, failedMarker }, run, model) };
    }
    case "succeeded":
      return recordSuccess({ ...recorded, succeededSince: known.succeededSince }, run, applied, model);
    case "transitioning":
      return recorded;
    default:
      return run.state satisfies never;
  }
}

function recordSuccess(
  known: InstanceMemory,
  run: OwnRun,
  applied: string | undefined,
  model: ModelContext,
): InstanceMemory {
  const { now } = model;
  const carried = withMarker(known, applied ?? upgradedMarker(known), now);
  const result = resultOf(run, carried, model);
  if (result === undefined) return { ...carried, succeededSince: undefined };
  const since = { succeededAt: now, succeededSince: known.succeededSince ?? now };
  const succeeded = { ...carried, ...(result === "ok" ? since : NO_EXPORTER) };
  if (carried.marker === undefined) return succeeded;
  const attempts = known.attempts?.marker === carried.marker ? undefined : known.attempts;
  return { ...succeeded, attempts, retryAfterTry: undefined };
}

const NO_EXPORTER = { succeededAt: undefined, succeededSince: undefined } as const;

/** Returns what a run proves: a healthy exporter, or its removal; undefined if it proves neither. */
function resultOf(
  run: OwnRun,
  { marker = "" }: InstanceMemory,
  { showsEvidence, removals }: ModelContext,
): "ok" | "absent" | undefined {
  if (run.evidence?.metrics === "absent") return "absent";
  if (!provesHealth(run, showsEvidence)) return undefined;
  return run.evidence === undefined && removals.has(marker) ? "absent" : "ok";
}

/** Records the marker that an instance carries: the one that is shown, else the known one, else that of its provisioning. */
function withMarker(known: InstanceMemory, shown: string | undefined, now: EpochMs): InstanceMemory {
  const marker = shown ?? known.marker ?? known.provisioned?.marker;
  return marker === undefined || marker === known.marker ? known : { ...known, marker, markerAt: now };
}

/** Records a failure as an attempt, that of the provisioning too. If its marker is not known, it is that of the model. */
function recordFailure(
  { attempts, provisioned, failedMarker }: InstanceMemory,
  run: OwnRun,
  model: ModelContext,
): Attempts | undefined {
  const { now } = model;
  const [marker] = [run, attempts, { marker: failedMarker }, model.tag].flatMap((each) => each?.marker ?? []);
  if (marker === undefined) return undefined;
  if (attempts?.marker === marker) return { ...attempts, failedAt: attempts.failedAt ?? now };
  const tried = [run, provisioned].find((each) => each?.marker === marker)?.try;
  const attempt = { marker, try: tried ?? model.tag?.try ?? 0, isTryKnown: tried !== undefined && !model.hasLost };
  return {
    ...attempt,
    count: 1,
    lastAt: now,
    failedAt: now,
    failingSince: undefined,
    succeeded: false,
    isEarly: false,
  };
}

/** Returns the marker of our last successful upgrade, unless another marker was observed after it. */
function upgradedMarker({ attempts, markerAt = 0 }: InstanceMemory): string | undefined {
  return attempts?.succeeded === true && attempts.lastAt >= markerAt ? attempts.marker : undefined;
}

function recordResult(attempts: Attempts, vmId: string, operation: OperationMemory | undefined): Attempts {
  return { ...attempts, succeeded: attempts.succeeded || hasSucceeded(operation, vmId, attempts.marker) };
}

/**
 * Returns whether the instance view is complete. A VM that is deallocated or has no agent shows none of its extensions.
 */
export function isViewReliable({ isRunning, agentReady, provisioningState }: Instance): boolean {
  return isRunning && agentReady && !isMoving(provisioningState);
}

function hasSucceeded(operation: OperationMemory | undefined, vmId: string, marker: string): boolean {
  return (
    operation?.kind === "upgrade-instances" &&
    operation.state === "succeeded" &&
    operation.marker === marker &&
    operation.instances.includes(vmId)
  );
}
