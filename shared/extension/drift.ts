import type { DesiredExtension } from "../model/extension.ts";
import { isManaged } from "../model/pools.ts";
import type { Drift } from "../model/reason.ts";
import { DAY_MS, type EpochMs, HOUR_MS } from "../model/time.ts";
import { buildExtension, differs, packageOf } from "./desired.ts";
import type { Decision, Row, ScaleSetContext } from "./scale-set-context.ts";

/** A user-delegation link lives at most this long (Azure Storage). */
const LONGEST_LINK_MS = 7 * DAY_MS;
const RENEWED_AT_MOST_EVERY_MS = 6 * HOUR_MS;

/** Out of the pool filter: no package is put and nothing upgraded, but a dead link would fail every new node. */
export const left: Row = (ctx) => {
  if (isManaged(ctx.poolName, ctx.desired.selection)) return undefined;
  const message =
    "the pool is not in POOLS, or not managed by SCRAPE_SOURCES; its model still carries the extension, and only the link is renewed";
  return { ...renewal(ctx), state: "unmanaged", message };
};

/** The model stays as it is; the link of the package that it names is renewed while that can be read. */
export const packageUnusable: Row = (ctx) => {
  if (ctx.desiredExtension) return undefined;
  const message = ctx.desiredPackage.problem ?? "no package is published";
  return { ...renewal(ctx), state: "refused", reason: "package-unusable", message };
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

export const linkExpiring: Row = (ctx) =>
  isExpiring(ctx) ? put(ctx, "link-expiring", ctx.desiredExtension) : undefined;

/** A write of the model with the same marker touches no instance. */
function put(ctx: ScaleSetContext, reason: Drift, extension: DesiredExtension | undefined): Decision | undefined {
  if (!extension) return undefined;
  const { id, etag } = ctx.scaleSet;
  const action = { kind: "put-extension", scaleSet: id, pool: ctx.poolName, reason, extension, etag } as const;
  return { state: "acting", reason, action };
}

/** Puts what the model already names, with a new link. */
function renewal(ctx: ScaleSetContext): Pick<Decision, "action"> {
  const carried = ctx.currentExtension && packageOf(ctx.currentExtension);
  if (!carried || !isExpiring(ctx) || ctx.checks[carried.hash]?.usable !== true) return {};
  const { extensions } = ctx.scaleSet;
  const extension = buildExtension(carried, ctx.desired, { extensions, aksFailed: ctx.isFailed });
  const action = put(ctx, "link-expiring", extension)?.action;
  return action ? { action } : {};
}

/** At half of the link's life or past it, or its expiry unknown; not again within six hours. */
function isExpiring({ currentExtension, desired, memory, now }: ScaleSetContext): boolean {
  if (!currentExtension || desired.packageIsAnonymous) return false;
  if (memory.linkIssuedAt !== undefined && now - memory.linkIssuedAt < RENEWED_AT_MOST_EVERY_MS) return false;
  const expiresAt: EpochMs | "none" | undefined = currentExtension.tag?.linkExpiresAt;
  if (expiresAt === undefined || expiresAt === "none") return true;
  const issuedAt = memory.linkIssuedAt ?? expiresAt - LONGEST_LINK_MS;
  return now >= (issuedAt + expiresAt) / 2;
}
