import type { DesiredExtension } from "../model/extension.ts";
import type { Drift } from "../model/reason.ts";
import type { EpochMs } from "../model/time.ts";
import { desiredExtension, differs, isSelected, packageOf } from "./desired.ts";
import type { Decision, Row, ScaleSetCase } from "./scale-set-context.ts";

const HOUR_MS = 3_600_000;
/** A user-delegation link lives at most this long (Azure Storage). */
const LONGEST_LINK_MS = 7 * 24 * HOUR_MS;
const RENEWED_AT_MOST_EVERY_MS = 6 * HOUR_MS;

/** Out of the pool filter: no package is put and nothing upgraded, but a dead link would fail every new node. */
export const left: Row = (c) => {
  if (isSelected(c.poolName, c.desired)) return undefined;
  const detail =
    "the pool is not in POOLS, or not managed by SCRAPE_SOURCES; its model still carries the extension, and only the link is renewed";
  return { ...renewal(c), state: "left", detail };
};

/** The model stays as it is; the link of the package that it names is renewed while that can be read. */
export const packageUnusable: Row = (c) => {
  if (c.extension) return undefined;
  const detail = c.wanted.problem ?? "no package is published";
  return { ...renewal(c), state: "refused", because: "package-unusable", detail };
};

export const missing: Row = (c) => (c.ours ? undefined : put(c, "missing", c.extension));

export const packageDiffers: Row = (c) =>
  c.ours?.tag?.marker === c.extension?.marker ? undefined : put(c, "package-differs", c.extension);

export const settingsDiffer: Row = (c) =>
  c.ours && c.extension && differs(c.ours, c.extension) ? put(c, "settings-differ", c.extension) : undefined;

export const linkExpiring: Row = (c) => (isExpiring(c) ? put(c, "link-expiring", c.extension) : undefined);

/** A write of the model with the same marker touches no instance. */
function put(c: ScaleSetCase, because: Drift, extension: DesiredExtension | undefined): Decision | undefined {
  if (!extension) return undefined;
  const { id, etag } = c.scaleSet;
  const action = { kind: "put-extension", scaleSet: id, pool: c.poolName, because, extension, etag } as const;
  return { state: "acting", because, action };
}

/** Puts what the model already names, with a new link. */
function renewal(c: ScaleSetCase): Pick<Decision, "action"> {
  const carried = c.ours && packageOf(c.ours);
  if (!carried || !isExpiring(c) || c.checks[carried.hash]?.usable !== true) return {};
  const { extensions } = c.scaleSet;
  const extension = desiredExtension(carried, c.desired, { extensions, aksFailed: c.isFailed });
  const action = put(c, "link-expiring", extension)?.action;
  return action ? { action } : {};
}

/** At half of the link's life or past it, or its expiry unknown; not again within six hours. */
function isExpiring({ ours, desired, memory, now }: ScaleSetCase): boolean {
  if (!ours || desired.packageIsAnonymous) return false;
  if (memory.linkIssuedAt !== undefined && now - memory.linkIssuedAt < RENEWED_AT_MOST_EVERY_MS) return false;
  const expiresAt: EpochMs | "none" | undefined = ours.tag?.linkExpiresAt;
  if (expiresAt === undefined || expiresAt === "none") return true;
  const issuedAt = memory.linkIssuedAt ?? expiresAt - LONGEST_LINK_MS;
  return now >= (issuedAt + expiresAt) / 2;
}
