import { parseClusterId } from "../model/ids.ts";
import {
  parseDuration,
  parseCount,
  parseHttps,
  parseContainer,
  parseList,
  parseSources,
  parseNamespace,
  parseShare,
  parseHash,
  oneOf,
} from "./parsers.ts";

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
    "The node pools that get the extension and are published, by name, in every cluster. Default: all Windows pools.",
  ),
  OWNER: setting(
    "a text",
    "",
    (text) => text,
    "Tells this app's extension from that of another copy of the app, which it leaves alone. Default: the function app's name (`WEBSITE_SITE_NAME`).",
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
  SCRAPE_SOURCES: setting(
    "POOL=SOURCE, separated by commas; a source is managed, native, external or off",
    "",
    parseSources,
    "Who installs the exporter of a pool: `managed` (this app, port 9182, the default), `native` (AKS itself, port 19182), `external` (somebody else, port 9182), or `off` (not published). Only managed pools get the extension.",
  ),
  SCRAPE_OBJECTS: setting(
    "both or slices",
    "both",
    oneOf("both", "slices"),
    "`both` publishes EndpointSlices and the Endpoints object that a ServiceMonitor's default role reads; `slices` the former alone.",
  ),
  SCRAPE_NAMESPACE: setting(
    "a namespace's name",
    "monitoring",
    parseNamespace,
    "The namespace of the Service `windows-exporter`, in every cluster.",
  ),
  SHRINK_GUARD: setting(
    "a share like 50%, from 1% to 100%",
    "50%",
    parseShare,
    "Where more than this share of the published addresses, and at least two, would go at once, a second pass must see the same a minute later.",
  ),
  ALLOW_CLUSTER_USER_CERTIFICATE: setting(
    "true or false",
    "false",
    (text) => oneOf("true", "false")(text) === "true",
    "Whether a cluster without Entra is used with the certificate of its cluster user, which is a cluster administrator's.",
  ),
  CLUSTER_CONCURRENCY: setting("a whole number from 1", "8", parseCount, "How many clusters are looked at at a time."),
  ARM_ENDPOINT: setting(
    "an https address",
    "https://management.azure.com",
    parseHttps,
    "Where Azure Resource Manager answers.",
  ),
} satisfies Readonly<Record<string, Setting<unknown>>>;
