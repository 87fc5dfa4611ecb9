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
  parsePool,
  parsePools,
  parsePoolsOrAll,
  parseShare,
  parseSources,
  parseWebAddress,
  parseWait,
} from "./parsers.ts";

const container = "https://ACCOUNT.blob.core.windows.net/CONTAINER, without a query";

/**
 * Every app setting of this app, each declared only here. A setting is required unless it
 * is `optional`, whose second argument is its default, or has `hostSettings`, from which the default is made.
 */
export const SETTINGS = v.object({
  AKS_CLUSTER_IDS: v.pipe(
    parsedBy(parseClusterIds),
    v.metadata({
      expected: "ids of managed clusters, separated by commas",
      description:
        "The clusters that the app manages: `/subscriptions/…/resourceGroups/…/providers/Microsoft.ContainerService/managedClusters/…`, in one tenant.",
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
        "The blob container for memory, leases and reports. Default: the container `aks-windows-metrics` in the storage account of the Functions host (`AzureWebJobsStorage__blobServiceUri` or `AzureWebJobsStorage__accountName`). The app creates it if it does not exist.",
    }),
  ),
  MODE: v.pipe(
    v.optional(v.picklist(["observe", "install"]), "observe"),
    v.metadata({
      expected: "observe or install",
      description: "`observe` plans and reports, and changes nothing. `install` also performs the plans.",
    }),
  ),
  POOLS: v.pipe(
    v.optional(parsedBy(parsePools)),
    v.metadata({
      expected: "names of Windows node pools, separated by commas",
      description:
        "The names of the node pools to install and publish, in every cluster. Default: all Windows node pools.",
    }),
  ),
  UNINSTALL_POOLS: v.pipe(
    v.optional(parsedBy(parsePoolsOrAll), ""),
    v.metadata({
      expected: "names of Windows node pools, separated by commas, or * for all",
      description:
        "The names of the node pools from which the app removes the exporter and then its extension, in every cluster, whatever `POOLS` and `SCRAPE_SOURCES` say; `*` for all. The app also removes their addresses. Without a pool's name here, the app installs the exporter there again. The app needs a permission for it: see docs/deploy.md.",
    }),
  ),
  OWNER: v.pipe(
    v.string(),
    v.metadata({
      expected: "a text",
      hostSettings: "WEBSITE_SITE_NAME",
      description:
        "Distinguishes the extensions of this app from those of another copy of the app, which it does not change. Default: the name of the function app (`WEBSITE_SITE_NAME`).",
    }),
  ),
  RESYNC_AFTER: v.pipe(
    v.optional(parsedBy(parseDuration), "PT15M"),
    v.metadata({
      expected: "an ISO 8601 duration, for example PT15M",
      description: "The interval between passes of a cluster that needs no action.",
    }),
  ),
  CANARY_POOL: v.pipe(
    v.optional(parsedBy(parsePool)),
    v.metadata({
      expected: "the name of a Windows node pool",
      description:
        "The node pool that tries a new package before the other pools, in every cluster. Default: in each cluster, the first pool by name in which an instance can be upgraded.",
    }),
  ),
  ROLLOUT_SOAK: v.pipe(
    v.optional(parsedBy(parseWait), "PT30M"),
    v.metadata({
      expected: "an ISO 8601 duration, for example PT30M, or PT0S",
      description:
        "How long an instance of the canary pool has to be well with a new package, in every pass, before the other pools get it.",
    }),
  ),
  ROLLOUT_BATCH: v.pipe(
    v.optional(parsedBy(parseCount), "5"),
    v.metadata({
      expected: "a whole number from 1",
      description:
        "The number of instances of a pool to upgrade at a time where a working exporter is replaced, or 10 % of the pool if that is more. One instance is upgraded first.",
    }),
  ),
  RESTORE_BATCH: v.pipe(
    v.optional(parsedBy(parseCount)),
    v.metadata({
      expected: "a whole number from 1",
      description:
        "The number of instances of a pool to upgrade at a time if they have no exporter. Default: half of the pool, rounded up. One instance is upgraded first.",
    }),
  ),
  PACKAGE_ALLOWED: v.pipe(
    v.optional(parsedBy(parseHashes)),
    v.metadata({
      expected: "SHA-256 hashes of 64 hex digits, separated by commas",
      description:
        "The hashes of the packages that the app may deploy: with this setting, write access to the container is not enough to run code on nodes. Default: any package that `current.json` in the container names.",
    }),
  ),
  PACKAGE_ACCESS: v.pipe(
    v.optional(v.picklist(["link", "anonymous"]), "link"),
    v.metadata({
      expected: "link or anonymous",
      description:
        "How nodes download the package: with a read-only link that the app signs and renews, or anonymously.",
    }),
  ),
  SCRAPE_SOURCES: v.pipe(
    v.optional(parsedBy(parseSources), ""),
    v.metadata({
      expected: "POOL=SOURCE, separated by commas; a source is managed, native, external or off",
      description:
        "The source of the exporter, for each pool: `managed` (this app installs it, port 9182, the default), `native` (AKS provides it, port 19182), `external` (another tool installs it, port 9182), or `off` (the app does not publish the pool). Only managed pools get the extension.",
    }),
  ),
  SCRAPE_OBJECTS: v.pipe(
    v.optional(v.picklist(["both", "slices"]), "both"),
    v.metadata({
      expected: "both or slices",
      description:
        "`both` publishes EndpointSlices and the Endpoints object, which a ServiceMonitor reads by default; `slices` publishes only EndpointSlices.",
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
        "If a pass would remove more than this share of the published addresses, and at least two, another pass must find the same at least a minute later.",
    }),
  ),
  ALLOW_CLUSTER_USER_CERTIFICATE: v.pipe(
    v.optional(v.picklist(["true", "false"]), "false"),
    v.transform((text) => text === "true"),
    v.metadata({
      expected: "true or false",
      description:
        "Whether to access a cluster without Entra integration with the certificate of its cluster user, which has the rights of a cluster administrator.",
    }),
  ),
  CLUSTER_CONCURRENCY: v.pipe(
    v.optional(parsedBy(parseCount), "8"),
    v.metadata({
      expected: "a whole number from 1",
      description:
        "The number of clusters in which the extension flow runs at a time. The endpoints flow runs in 32 clusters at a time.",
    }),
  ),
  GRAFANA_URL: v.pipe(
    v.optional(parsedBy(parseWebAddress)),
    v.metadata({
      expected: "an http or https address, without a query",
      description:
        "The Grafana that has the dashboards of `monitoring/dashboards`: the status page then links to them. Default: no links.",
    }),
  ),
  ARM_ENDPOINT: v.pipe(
    v.optional(parsedBy(parseHttps), "https://management.azure.com"),
    v.metadata({ expected: "an https address", description: "The endpoint of Azure Resource Manager." }),
  ),
});
