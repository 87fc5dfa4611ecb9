import { Cron } from "croner";
import { isPackageHash } from "./model/package.ts";
import { parseClusterId } from "./model/resource-id.ts";

/** One app setting: how its text is read, and what the settings page says of it. */
export interface Setting<T> {
  /** In words, for error messages: "found 'x', expected …". */
  readonly expected: string;
  /** What holds where it is not set, as text; undefined: it is required; empty: see the description. */
  readonly fallback: string | undefined;
  readonly description: string;
  /** Throws where the text is not what is expected. */
  readonly parse: (text: string) => T;
}

const DURATION = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$/;

/** Milliseconds of an ISO 8601 duration of hours, minutes and seconds. */
export function parseDuration(text: string): number {
  const [whole, hours = "0", minutes = "0", seconds = "0"] = DURATION.exec(text) ?? [];
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  if (whole === undefined || ms === 0) throw new TypeError("not a duration");
  return ms;
}

/** NCRONTAB of six fields, seconds first, as the Functions host reads it in UTC. */
export function parseSchedule(text: string): string {
  if (text.trim().split(/\s+/).length !== 6) throw new TypeError("not six fields");
  return new Cron(text, { paused: true, timezone: "UTC" }).getPattern() ?? text;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new TypeError("not a whole number from 1");
  return count;
}

function parseHttps(text: string): string {
  const url = new URL(text);
  if (url.protocol !== "https:" || url.search !== "" || url.username !== "")
    throw new TypeError("not a plain https address");
  return text.replace(/\/+$/, "");
}

function parseContainer(text: string): string {
  const url = parseHttps(text);
  if (new URL(url).pathname.length < 2) throw new TypeError("no container");
  return url;
}

function parseList(text: string): readonly string[] {
  return text.split(/[\s,;]+/).filter((each) => each !== "");
}

function parseHash(text: string): string {
  if (!isPackageHash(text)) throw new TypeError("not a hash");
  return text;
}

function oneOf<T extends string>(...values: readonly T[]): (text: string) => T {
  return (text) => {
    const value = values.find((each) => each === text);
    if (value === undefined) throw new TypeError("not one of them");
    return value;
  };
}

function setting<T>(
  expected: string,
  fallback: string | undefined,
  parse: (text: string) => T,
  description: string,
): Setting<T> {
  return { expected, fallback, parse, description };
}

const container = "https://ACCOUNT.blob.core.windows.net/CONTAINER, without a query";

/** Every app setting that the app reads by itself; `docs/settings.md` is made from this table. */
export const SETTINGS = {
  AKS_CLUSTER_IDS: setting(
    "ids of managed clusters, separated by commas",
    undefined,
    (text) => {
      const ids = parseList(text).map(parseClusterId);
      if (ids.length === 0) throw new TypeError("no id");
      return [...new Set(ids)];
    },
    "The clusters that the app takes care of: `/subscriptions/…/resourceGroups/…/providers/Microsoft.ContainerService/managedClusters/…`, in one tenant.",
  ),
  PACKAGE_CONTAINER_URL: setting(
    container,
    undefined,
    parseContainer,
    "The blob container that DSC packages are published to.",
  ),
  STATE_CONTAINER_URL: setting(
    container,
    "",
    parseContainer,
    "Where the app keeps its memory, leases and reports. Default: the container `aks-windows-metrics` in the storage account of the Functions host (`AzureWebJobsStorage__blobServiceUri` or `AzureWebJobsStorage__accountName`). It is made when it is missing.",
  ),
  MODE: setting(
    "observe or install",
    "observe",
    oneOf("observe", "install"),
    "`observe` plans and reports, and changes nothing. `install` performs its plans.",
  ),
  POOLS: setting(
    "names of Windows node pools, separated by commas",
    "",
    (text) => new Set(parseList(text.toLowerCase())),
    "The node pools that get the extension, by name, in every cluster. Default: all Windows pools.",
  ),
  OWNER: setting(
    "a text",
    "",
    (text) => text,
    "Tells this app's extension from that of another copy of the app, which it leaves alone. Default: the function app's name (`WEBSITE_SITE_NAME`).",
  ),
  RECONCILE_SCHEDULE: setting(
    "an NCRONTAB expression of six fields, for example '0 * * * * *'",
    "0 * * * * *",
    parseSchedule,
    "When the timer looks for clusters that are due, in UTC. It bounds how soon a rollout goes on and how late an event that came in a burst is answered. A value that is not an NCRONTAB expression is reported, and the default holds.",
  ),
  RESYNC_AFTER: setting(
    "an ISO 8601 duration, for example PT15M",
    "PT15M",
    parseDuration,
    "After how long a cluster in which nothing is to do is looked at again.",
  ),
  ROLLOUT_BATCH: setting(
    "a whole number from 1",
    "5",
    parseCount,
    "How many instances of a pool get a package at a time while it is not proven there; 10 % of the pool where that is more. One canary goes first.",
  ),
  RESTORE_BATCH: setting(
    "a whole number from 1",
    "",
    parseCount,
    "How many instances of a pool get back a package with which the whole pool was current before. Default: half of the pool, rounded up.",
  ),
  PACKAGE_ALLOWED: setting(
    "SHA-256 hashes of 64 hex digits, separated by commas",
    "",
    (text) => new Set(parseList(text.toLowerCase()).map(parseHash)),
    "The packages that may be deployed, by hash: with it, write access to the container alone is not enough to run code on nodes. Default: whichever the container's `current.json` names.",
  ),
  PACKAGE_ACCESS: setting(
    "link or anonymous",
    "link",
    oneOf("link", "anonymous"),
    "How nodes download the package: by a read-only link that the app signs and renews, or by its plain address.",
  ),
  CLUSTER_CONCURRENCY: setting("a whole number from 1", "8", parseCount, "How many clusters are looked at at a time."),
  ARM_ENDPOINT: setting(
    "an https address",
    "https://management.azure.com",
    parseHttps,
    "Where Azure Resource Manager answers.",
  ),
} satisfies Readonly<Record<string, Setting<unknown>>>;
