import type { DesiredExtension, ExtensionTag } from "../../model/extension.ts";

const TAG = /^v1:([0-9a-f]{16}):([0-9a-f]{8}):(none|\d{8}T\d{6}Z):(\d{1,9})$/;

/**
 * Returns the value of `forceUpdateTag`: `v1:<marker>:<owner>:<expiry of the link, or none>:<try>`. Azure compares the
 * value and does not interpret it.
 */
export function formatTag(extension: DesiredExtension, linkExpiresAt: Date | undefined): string {
  const expiry = linkExpiresAt ? linkExpiresAt.toISOString().replaceAll(/[-:]|\.\d+/g, "") : "none";
  return `v1:${extension.marker}:${extension.owner}:${expiry}:${extension.try}`;
}

/** Parses a `forceUpdateTag`; returns undefined if this app did not write it. */
export function parseTag(text: string | undefined): ExtensionTag | undefined {
  const [, marker, owner, expiry, attempt] = TAG.exec(text ?? "") ?? [];
  if (marker === undefined || owner === undefined || expiry === undefined) return undefined;
  if (expiry === "none") return { marker, owner, linkExpiresAt: "none", try: Number(attempt) };
  const iso = expiry.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
  const linkExpiresAt = Date.parse(iso);
  return Number.isNaN(linkExpiresAt) ? undefined : { marker, owner, linkExpiresAt, try: Number(attempt) };
}
