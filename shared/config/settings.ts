import * as v from "valibot";
import {
  parseClusterIds,
  parseContainer,
  parseCount,
  parsedBy,
  parseDuration,
  parseHashes,
  parseHttps,
  parseNamespace,
  parsePools,
  parseShare,
  parseSources,
} from "./parsers.ts";

const container = "https://ACCOUNT.blob.core.windows.net/CONTAINER, without a query";

/**
 * Every app setting that the app reads by itself, each declared here and nowhere else. A setting is required unless it
 * is `optional`, whose second argument is its default, or has `hostSettings`, from which the default is made.
 */
export const SETTINGS = v.object({
  AKS_CLUSTER_IDS: v.pipe(
    parsedBy(parseClusterIds),
    v.metadata({
      expected: "ids of managed clusters, separated by commas",
      description:
        "The clusters that the app takes care of: `/subscriptions/…/resourceGroups/…/providers/Microsoft.ContainerService/managedClusters/…`, in one tenant.",
    }),
  ),
  PACKAGE_CONTAINER_URL: v.pipe(
    parsedBy(parseContainer),
    v.metadata({ expected: container, description: "The blob container that DSC packages are published to." }),
  ),
  STATE_CONTAINER_URL: v.pipe(
    parsedBy(parseContainer),
    v.metadata({
      expected: container,
      hostSettings: "AzureWebJobsStorage__blobServiceUri and AzureWebJobsStorage__accountName",
      description:
        "Where the app keeps its memory, leases and reports. Default: the container `aks-windows-metrics` in the storage account of the Functions host (`AzureWebJobsStorage__blobServiceUri` or `AzureWebJobsStorage__accountName`). It is made when it is missing.",
    }),
  ),
  MODE: v.pipe(
    v.optional(v.picklist(["observe", "install"]), "observe"),
    v.metadata({
      expected: "observe or install",
      description: "`observe` plans and reports, and changes nothing. `install` performs its plans.",
    }),
  ),
  POOLS: v.pipe(
    v.optional(parsedBy(parsePools)),
    v.metadata({
      expected: "names of Windows node pools, separated by commas",
      description:
        "The node pools that get the extension and are published, by name, in every cluster. Default: all Windows pools.",
    }),
  ),
  OWNER: v.pipe(
    v.string(),
    v.metadata({
      expected: "a text",
      hostSettings: "WEBSITE_SITE_NAME",
      description:
        "Tells this app's extension from that of another copy of the app, which it leaves alone. Default: the function app's name (`WEBSITE_SITE_NAME`).",
    }),
  ),
  RESYNC_AFTER: v.pipe(
    v.optional(parsedBy(parseDuration), "PT15M"),
    v.metadata({
      expected: "an ISO 8601 duration, for example PT15M",
      description: "After how long a cluster in which nothing is to do is looked at again.",
    }),
  ),
  ROLLOUT_BATCH: v.pipe(
    v.optional(parsedBy(parseCount), "5"),
    v.metadata({
      expected: "a whole number from 1",
      description:
        "How many instances of a pool get a package at a time while it is not proven there; 10 % of the pool where that is more. One canary goes first.",
    }),
  ),
  RESTORE_BATCH: v.pipe(
    v.optional(parsedBy(parseCount)),
    v.metadata({
      expected: "a whole number from 1",
      description:
        "How many instances of a pool get back a package with which the whole pool was current before. Default: half of the pool, rounded up.",
    }),
  ),
  PACKAGE_ALLOWED: v.pipe(
    v.optional(parsedBy(parseHashes)),
    v.metadata({
      expected: "SHA-256 hashes of 64 hex digits, separated by commas",
      description:
        "The packages that may be deployed, by hash: with it, write access to the container alone is not enough to run code on nodes. Default: whichever the container's `current.json` names.",
    }),
  ),
  PACKAGE_ACCESS: v.pipe(
    v.optional(v.picklist(["link", "anonymous"]), "link"),
    v.metadata({
      expected: "link or anonymous",
      description:
        "How nodes download the package: by a read-only link that the app signs and renews, or by its plain address.",
    }),
  ),
  SCRAPE_SOURCES: v.pipe(
    v.optional(parsedBy(parseSources), ""),
    v.metadata({
      expected: "POOL=SOURCE, separated by commas; a source is managed, native, external or off",
      description:
        "Who installs the exporter of a pool: `managed` (this app, port 9182, the default), `native` (AKS itself, port 19182), `external` (somebody else, port 9182), or `off` (not published). Only managed pools get the extension.",
    }),
  ),
  SCRAPE_OBJECTS: v.pipe(
    v.optional(v.picklist(["both", "slices"]), "both"),
    v.metadata({
      expected: "both or slices",
      description:
        "`both` publishes EndpointSlices and the Endpoints object that a ServiceMonitor's default role reads; `slices` the former alone.",
    }),
  ),
  SCRAPE_NAMESPACE: v.pipe(
    v.optional(parsedBy(parseNamespace), "monitoring"),
    v.metadata({
      expected: "a namespace's name",
      description: "The namespace of the Service `windows-exporter`, in every cluster.",
    }),
  ),
  SHRINK_GUARD: v.pipe(
    v.optional(parsedBy(parseShare), "50%"),
    v.metadata({
      expected: "a share like 50%, from 1% to 100%",
      description:
        "Where more than this share of the published addresses, and at least two, would go at once, a second pass must see the same a minute later.",
    }),
  ),
  ALLOW_CLUSTER_USER_CERTIFICATE: v.pipe(
    v.optional(v.picklist(["true", "false"]), "false"),
    v.transform((text) => text === "true"),
    v.metadata({
      expected: "true or false",
      description:
        "Whether a cluster without Entra is used with the certificate of its cluster user, which is a cluster administrator's.",
    }),
  ),
  CLUSTER_CONCURRENCY: v.pipe(
    v.optional(parsedBy(parseCount), "8"),
    v.metadata({ expected: "a whole number from 1", description: "How many clusters are looked at at a time." }),
  ),
  ARM_ENDPOINT: v.pipe(
    v.optional(parsedBy(parseHttps), "https://management.azure.com"),
    v.metadata({ expected: "an https address", description: "Where Azure Resource Manager answers." }),
  ),
});

/** What is said of a setting in error messages and on the settings page. */
export interface SettingInfo {
  readonly name: string;
  /** A noun phrase, for error messages: "found 'x', expected …". */
  readonly expected: string;
  readonly description: string;
  /** The host's settings that the default is made from. */
  readonly hostSettings?: string;
  /** The default as text; undefined or empty if the description has it. */
  readonly fallback: string | undefined;
  readonly isRequired: boolean;
}

/** Returns what is said of each setting, in the table's order. */
export function describeSettings(): readonly SettingInfo[] {
  return Object.entries(SETTINGS.entries).map(([name, schema]) => {
    const info: Pick<SettingInfo, "expected" | "description" | "hostSettings"> = v.getMetadata(schema);
    const isRequired = schema.type !== "optional" && info.hostSettings === undefined;
    return { ...info, name, fallback: v.getDefault(schema), isRequired };
  });
}
