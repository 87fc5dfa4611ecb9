import type { DesiredExtension } from "../model/extension.ts";
import { isManaged } from "../model/pools.ts";
import type { Drift } from "../model/reason.ts";
import { DAY_MS, type EpochMs, HOUR_MS } from "../model/time.ts";
import { buildExtension, differs, packageOf } from "./desired.ts";
import { hasTried } from "./retries.ts";
import type { Decision, Row, ScaleSetContext } from "./scale-set-context.ts";

/** The longest life of a user-delegation SAS (Azure Storage). */
const MAX_LINK_LIFE_MS = 7 * DAY_MS;
const MIN_RENEWAL_INTERVAL_MS = 6 * HOUR_MS;

/**
 * A pool that is no longer managed gets no package and no upgrade. Its link is renewed, because with an expired link
 * the extension would fail on every new node.
 */
export const unmanaged: Row = (ctx) => {
  if (isManaged(ctx.poolName, ctx.desired.selection)) return undefined;
  const message =
    "the pool is not in POOLS, or its source in SCRAPE_SOURCES is not managed, " +
    "but its model still has the extension. The app only renews the extension's link";
  return { ...renewLink(ctx), state: "unmanaged", message };
};

/** Without a desired package the model keeps its package, and the link is renewed as long as that package is usable. */
export const packageUnusable: Row = (ctx) => {
  if (ctx.desiredExtension) return undefined;
  const message = ctx.desiredPackage.problem ?? "no package is published. Publish one";
  return { ...renewLink(ctx), state: "refused", reason: "package-unusable", message };
};

export const missing: Row = (ctx) => (ctx.currentExtension ? undefined : put(ctx, "missing", ctx.desiredExtension));

export const packageDiffers: Row = (ctx) =>
  ctx.currentExtension?.tag?.marker === ctx.desiredExtension?.marker
    ? undefined
    : put(ctx, "package-differs", ctx.desiredExtension);

export const settingsDiffer: Row = (ctx) =>
  ctx.currentExtension && ctx.desiredExtension && differs(ctx.currentExtension, ctx.desiredExtension)
    ? put(ctx, "settings-differ", ctx.desiredExtension)
    : undefined;

/** The handler runs again on a failed instance only for a tag that it has not run for. */
export const retry: Row = (ctx) => {
  const { rollout, desiredExtension, memory, now } = ctx;
  if (!desiredExtension || !rollout) return undefined;
  const { marker, try: modelTry } = desiredExtension;
  if (!rollout.batch.some((each) => hasTried(each, modelTry, { marker, memory, now }))) return undefined;
  return put(ctx, "retry", { ...desiredExtension, try: modelTry + 1 });
};

export const linkExpiring: Row = (ctx) =>
  isExpiring(ctx) ? put(ctx, "link-expiring", ctx.desiredExtension) : undefined;

/** Plans a write of the model. If the marker stays the same, no instance is upgraded for it. */
function put(ctx: ScaleSetContext, reason: Drift, extension: DesiredExtension | undefined): Decision | undefined {
  if (!extension) return undefined;
  const { id, etag } = ctx.scaleSet;
  const action = { kind: "put-extension", scaleSet: id, pool: ctx.poolName, reason, extension, etag } as const;
  return { state: "acting", reason, action };
}

/** Plans to write the package that the model already has, with a new link, if that is due and the package is usable. */
function renewLink(ctx: ScaleSetContext): Pick<Decision, "action"> {
  if (!ctx.currentExtension) return {};
  const currentPackage = packageOf(ctx.currentExtension);
  if (!currentPackage || !isExpiring(ctx) || ctx.checks[currentPackage.hash]?.usable !== true) return {};
  const { extensions } = ctx.scaleSet;
  const { tag } = ctx.currentExtension;
  const extension = buildExtension(currentPackage, ctx.desired, { extensions, aksFailed: ctx.isFailed, tag });
  const action = put(ctx, "link-expiring", extension)?.action;
  return action ? { action } : {};
}

/**
 * Returns whether half of the link's life has passed or its expiry is unknown, and the last renewal is at least six
 * hours ago.
 */
function isExpiring({ currentExtension, desired, memory, now }: ScaleSetContext): boolean {
  if (!currentExtension || desired.packageIsAnonymous) return false;
  if (memory.linkIssuedAt !== undefined && now - memory.linkIssuedAt < MIN_RENEWAL_INTERVAL_MS) return false;
  const expiresAt: EpochMs | "none" | undefined = currentExtension.tag?.linkExpiresAt;
  if (expiresAt === undefined || expiresAt === "none") return true;
  const issuedAt = memory.linkIssuedAt ?? expiresAt - MAX_LINK_LIFE_MS;
  return now >= (issuedAt + expiresAt) / 2;
}
