import type { ScaleSetId } from "../model/ids.ts";
import type { ExtensionObserved } from "../model/observed.ts";
import { byText } from "../model/order.ts";
import type { FoundPauses } from "../model/pauses.ts";
import { isManaged, isSamePool, isUninstalling } from "../model/pools.ts";
import type { Reason } from "../model/reason.ts";
import { type EpochMs, HOUR_MS } from "../model/time.ts";
import type { InstanceState } from "../model/verdict.ts";
import type { ExtensionDesired } from "./desired.ts";
import { foreignExtension, locked, otherOwner, upgradePolicy } from "./guards.ts";
import type { Trial } from "./marker-memory.ts";
import type { ScaleSetContext } from "./scale-set-context.ts";

/** A canary pool that has no current instance for so long does not keep the others waiting. */
const NEXT_POOL_AFTER_MS = 2 * HOUR_MS;

/** An instance has the package, or the app can give it to it, now or when AKS has finished it. */
const ABLE: ReadonlySet<InstanceState> = new Set(["current", "installing", "outdated", "failed"]);
const ABLE_SOON: ReadonlySet<Reason | undefined> = new Set(["vmss-cse", "node-not-ready"]);

const REFUSALS = [locked, upgradePolicy, foreignExtension, otherOwner];

/**
 * Returns the trial with the pools that try the marker. Pools whose models carry it are among them. If there is none,
 * CANARY_POOL tries it, else the first pool by name where an instance can; while no pool can, the model of the first gets
 * it, for new nodes. Without a current instance for two hours, the next pool that can joins.
 */
export function chooseCanaries(
  trial: Trial,
  contexts: readonly ScaleSetContext[],
  { desired, observed }: { readonly desired: ExtensionDesired; readonly observed: ExtensionObserved },
): Trial {
  const { at: now, pauses } = observed;
  const inOrder = contexts.filter((each) => isManaged(each.poolName, desired.selection)).toSorted(byText(poolNameOf));
  // One that cannot be read now is still a canary.
  const unreadable = observed.unreadable.filter(({ model }) => !isUninstalling(model.pool, desired.selection));
  const existing = new Set([...inOrder.map(idOf), ...unreadable.map(({ model }) => model.id)]);
  const carrying = inOrder.filter((each) => each.currentExtension?.tag?.marker === trial.marker);
  const members = new Set([...trial.scaleSets.filter((id) => existing.has(id)), ...carrying.map(idOf)]);
  const able = inOrder.filter((each) => whyNotActionable(each, pauses) === undefined);
  const next = able.find((each) => !members.has(idOf(each)));
  const isWaitOver = now - lastProgress(trial) >= NEXT_POOL_AFTER_MS;
  const joining = members.size === 0 ? firstCanary(inOrder, able, desired, isWaitOver) : isWaitOver ? next : undefined;
  if (joining) members.add(idOf(joining));
  return { ...trial, scaleSets: [...members], joinedAt: joining ? now : trial.joinedAt };
}

function firstCanary(
  inOrder: readonly ScaleSetContext[],
  able: readonly ScaleSetContext[],
  { canaryPool }: ExtensionDesired,
  isWaitOver: boolean,
): ScaleSetContext | undefined {
  const isWanted = ({ poolName }: ScaleSetContext): boolean =>
    canaryPool === undefined || isSamePool(poolName, canaryPool);
  const first = able.find(isWanted);
  if (first) return first;
  if (canaryPool !== undefined && !isWaitOver) return able.length === 0 ? inOrder.find(isWanted) : undefined;
  return able[0] ?? inOrder[0];
}

/** Returns why CANARY_POOL cannot try a new package; undefined if it can, or is not set. */
export function canaryPoolProblem(
  contexts: readonly ScaleSetContext[],
  { canaryPool, selection }: Pick<ExtensionDesired, "canaryPool" | "selection">,
  pauses: FoundPauses,
): string | undefined {
  if (canaryPool === undefined) return undefined;
  const found = contexts.find(({ poolName }) => isSamePool(poolName, canaryPool));
  if (!found) {
    const names = contexts.map(poolNameOf).toSorted().join(", ") || "none";
    return `CANARY_POOL: found '${canaryPool}', expected a Windows pool of the cluster: ${names}`;
  }
  const why = whyNotManaged(found, selection) ?? whyNotActionable(found, pauses);
  return why === undefined ? undefined : `CANARY_POOL names pool ${canaryPool}, which ${why}`;
}

function whyNotManaged({ poolName }: ScaleSetContext, selection: ExtensionDesired["selection"]): string | undefined {
  if (isUninstalling(poolName, selection)) return "is in UNINSTALL_POOLS";
  return isManaged(poolName, selection) ? undefined : "the app does not manage";
}

/** Returns why a managed pool cannot try a package; undefined if it can. */
function whyNotActionable(ctx: ScaleSetContext, pauses: FoundPauses): string | undefined {
  if (isPaused(ctx, pauses)) return "is paused";
  if (REFUSALS.some((row) => row(ctx))) return "is refused";
  const isAble = ctx.instances.some(({ state, reason }) => ABLE.has(state) || ABLE_SOON.has(reason));
  return isAble ? undefined : "has no instance that is current or can be upgraded";
}

function isPaused({ poolName }: ScaleSetContext, pauses: FoundPauses): boolean {
  return pauses !== "unreadable" && (pauses.pools[poolName.toLowerCase()] ?? 0) > 0;
}

function lastProgress({ since, joinedAt = since, currentAt = since }: Trial): EpochMs {
  return Math.max(joinedAt, currentAt);
}

function poolNameOf({ poolName }: ScaleSetContext): string {
  return poolName;
}

function idOf({ scaleSet }: ScaleSetContext): ScaleSetId {
  return scaleSet.id;
}
