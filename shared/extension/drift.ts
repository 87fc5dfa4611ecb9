import type { ExtensionAction } from "../model/action.ts";
import { isMoving } from "../model/cluster.ts";
import type { DesiredExtension } from "../model/extension.ts";
import { isManaged, isUninstalling } from "../model/pools.ts";
import type { Drift } from "../model/reason.ts";
import { DAY_MS, type EpochMs, HOUR_MS } from "../model/time.ts";
import { buildExtension, findDifferences, packageOf } from "./desired.ts";
import { packageProblem } from "./package.ts";
import { hasTried } from "./retries.ts";
import { type Decision, observedState, type Row, type ScaleSetContext } from "./scale-set-context.ts";
import { withoutEffect } from "./write-without-effect.ts";

/** Half of the longest life of a user-delegation SAS, 7 days (Azure Storage). */
const RENEWED_BELOW_MS = 84 * HOUR_MS;
/** AKS seldom works for as long. A link with less life is renewed beside it, when the scale set itself is at rest. */
const AKS_AT_WORK_FOR_MS = 12 * HOUR_MS;
const URGENT_BELOW_MS = DAY_MS;
const MIN_RENEWAL_INTERVAL_MS = 6 * HOUR_MS;

/**
 * A pool that is no longer managed gets no package and no upgrade. Its link is renewed, because with an expired link
 * the extension would fail on every new node.
 */
export const unmanaged: Row = (ctx) => {
  const { selection } = ctx.desired;
  if (isManaged(ctx.poolName, selection) || isUninstalling(ctx.poolName, selection)) return undefined;
  const message =
    "the pool is not in POOLS, or its source in SCRAPE_SOURCES is not managed, " +
    "but its model still has the extension. The app only renews the extension's link. To have the app remove it, add " +
    "the pool to UNINSTALL_POOLS";
  return { ...renewLink(ctx), state: "unmanaged", message };
};

/** Without a desired package the model keeps its package, and the link is renewed as long as that package is usable. */
export const withoutPackage: Row = (ctx) => {
  const { choice } = ctx;
  if (choice.package) return undefined;
  const { reason } = choice;
  switch (reason) {
    case "package-unusable": {
      const message = ctx.desiredPackage.problem ?? "no package is published. Publish one";
      return { ...renewLink(ctx), state: "refused", reason, message };
    }
    case "package-held":
      return { ...renewLink(ctx), state: "held", reason, message: "no other package is proven in this cluster" };
    case "awaiting-canary":
      return { ...renewLink(ctx), state: "waiting", reason, message: "another pool tries the package first" };
    default:
      return reason satisfies never;
  }
};

/** A first write is no restoration: what counts those tells of other writers that remove the extension. */
export const missing: Row = (ctx) => {
  if (ctx.currentExtension) return undefined;
  const { lastTag, instances } = ctx.memory;
  const wasThere = lastTag !== undefined || Object.values(instances).some(({ hadExtension }) => hadExtension);
  return planPut(ctx, wasThere ? "missing" : "added", ctx.desiredExtension);
};

export const packageDiffers: Row = (ctx) =>
  ctx.currentExtension?.tag?.marker === ctx.desiredExtension?.marker
    ? undefined
    : planPut(ctx, "package-differs", ctx.desiredExtension);

/** A resync took over the extension of another owner: the model gets this app's tag, and no instance is upgraded for it. */
export const adopted: Row = (ctx) =>
  ctx.currentExtension?.tag?.owner === ctx.desired.owner ? undefined : planPut(ctx, "adopted", ctx.desiredExtension);

/** A reference to an extension that AKS has renamed or removed makes ARM refuse the next PUT of AKS. */
export const danglingDependency: Row = (ctx) => {
  const names = new Set(ctx.scaleSet.extensions.map(({ name }) => name));
  const isDangling = ctx.currentExtension?.provisionAfterExtensions.some((each) => !names.has(each));
  return isDangling ? planPut(ctx, "dangling-dependency", ctx.desiredExtension) : undefined;
};

export const settingsDiffer: Row = (ctx) =>
  ctx.currentExtension && ctx.desiredExtension && findDifferences(ctx.currentExtension, ctx.desiredExtension).length > 0
    ? planPut(ctx, "settings-differ", ctx.desiredExtension)
    : undefined;

/** The handler runs again on a failed instance only for a tag that it has not run for. */
export const retry: Row = (ctx) => {
  const { rollout, desiredExtension, memory, now, upgradesFrom } = ctx;
  if (!desiredExtension || !rollout || now < upgradesFrom) return undefined;
  const { marker, try: modelTry } = desiredExtension;
  if (!rollout.batch.some((each) => hasTried(each, modelTry, { marker, memory, now }))) return undefined;
  return planPut(ctx, "retry", { ...desiredExtension, try: modelTry + 1 });
};

export const linkExpiring: Row = (ctx) =>
  isExpiring(ctx) ? planPut(ctx, "link-expiring", ctx.desiredExtension) : undefined;

/**
 * Plans a write of the model, unless it would be in vain. If the marker stays the same, no instance is upgraded for it.
 */
export function planPut(
  ctx: ScaleSetContext,
  reason: Drift,
  extension: DesiredExtension | undefined,
): Decision | undefined {
  if (!extension) return undefined;
  const action = toAction(ctx, reason, extension);
  const vain = withoutEffect(ctx, action);
  if (!vain) return { state: "acting", reason, action };
  // A model with the desired marker is good enough for the rows below, which go on.
  return ctx.currentExtension?.tag?.marker === extension.marker ? undefined : vain;
}

/** Returns the verdict on a model that has the desired marker, while another writer changes the rest of it. */
export function findVainWrite(ctx: ScaleSetContext): Decision | undefined {
  const { currentExtension, desiredExtension } = ctx;
  if (!desiredExtension || currentExtension?.tag?.marker !== desiredExtension.marker) return undefined;
  const isSame = findDifferences(currentExtension, desiredExtension).length === 0;
  return isSame ? undefined : withoutEffect(ctx, toAction(ctx, "settings-differ", desiredExtension));
}

function toAction(
  ctx: ScaleSetContext,
  reason: Drift,
  extension: DesiredExtension,
): Extract<ExtensionAction, { kind: "put-extension" }> {
  const { scaleSet, poolName: pool } = ctx;
  return { kind: "put-extension", scaleSet: scaleSet.id, pool, reason, extension, observed: observedState(ctx) };
}

/** Plans to write the package that the model already has, with a new link, if that is due and the package is usable. */
export function renewLink(ctx: ScaleSetContext, belowMs = RENEWED_BELOW_MS): Pick<Decision, "action"> {
  if (!ctx.currentExtension) return {};
  const currentPackage = packageOf(ctx.currentExtension);
  if (!currentPackage || !isExpiring(ctx, belowMs)) return {};
  if (packageProblem(currentPackage.hash, ctx.desired, ctx.checks) !== undefined) return {};
  const { extensions } = ctx.scaleSet;
  const { tag } = ctx.currentExtension;
  const extension = buildExtension(currentPackage, ctx.desired, { extensions, isPoolFailed: ctx.isPoolFailed, tag });
  const action = planPut(ctx, "link-expiring", extension)?.action;
  return action ? { action } : {};
}

/**
 * Returns whether the link has less than 84 hours left or its expiry is unknown, and the last renewal is at least six
 * hours ago.
 */
function isExpiring(ctx: ScaleSetContext, belowMs = RENEWED_BELOW_MS): boolean {
  const { currentExtension, desired, memory, now } = ctx;
  if (!currentExtension || desired.packageIsAnonymous) return false;
  if (memory.linkIssuedAt !== undefined && now - memory.linkIssuedAt < MIN_RENEWAL_INTERVAL_MS) return false;
  const expiresAt: EpochMs | "none" | undefined = currentExtension.tag?.linkExpiresAt;
  return typeof expiresAt !== "number" || expiresAt - now < belowMs;
}

/** Returns a renewal of a link that is about to expire while AKS has been at work for long: it fails every new node. */
export function renewUrgently(ctx: ScaleSetContext): Pick<Decision, "action"> {
  const { currentExtension, desired, memory, now, scaleSet } = ctx;
  const isLong = memory.busySince !== undefined && now - memory.busySince > AKS_AT_WORK_FOR_MS;
  const isOurs = currentExtension?.tag?.owner === desired.owner;
  return isLong && isOurs && !isMoving(scaleSet.provisioningState) ? renewLink(ctx, URGENT_BELOW_MS) : {};
}
