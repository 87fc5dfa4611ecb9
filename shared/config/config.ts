import type { ClusterId } from "../model/ids.ts";
import { redact } from "../model/redact.ts";
import type { ScrapeSource } from "../model/slice.ts";
import { SETTINGS, type Setting } from "./settings.ts";

/** The app settings, read. Times in milliseconds; what is undefined was left to its default. */
export interface Config {
  readonly clusters: readonly ClusterId[];
  readonly packageContainerUrl: string;
  readonly stateContainerUrl: string;
  readonly mode: "observe" | "install";
  readonly pools: ReadonlySet<string> | undefined;
  readonly owner: string;
  readonly resyncAfterMs: number;
  readonly rolloutBatch: number;
  readonly restoreBatch: number | undefined;
  readonly packageAllowed: ReadonlySet<string> | undefined;
  readonly packageAccess: "link" | "anonymous";
  readonly scrapeSources: Readonly<Record<string, ScrapeSource>>;
  readonly scrapeObjects: "both" | "slices";
  readonly scrapeNamespace: string;
  readonly shrinkGuard: number;
  readonly allowClusterUserCertificate: boolean;
  readonly clusterConcurrency: number;
  readonly armEndpoint: string;
}

/** Every setting that is wrong, each with what was found and what was expected. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`bad app settings: ${problems.join("; ")}`);
    this.problems = problems;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads every setting once and names every bad one at once, in a `ConfigError`. */
export function readConfig(env: Environment): Config {
  const problems: string[] = [];
  const optional = <T>(name: string, setting: Setting<T>): T | undefined => {
    const text = textOf(env, name, setting);
    if (text === "") return undefined;
    try {
      return setting.parse(text);
    } catch {
      problems.push(`${name}: found '${redact(text)}', expected ${setting.expected}`);
      return undefined;
    }
  };
  const required = <T>(name: string, setting: Setting<T>, instead: T): T => {
    if (textOf(env, name, setting) === "") problems.push(`${name} is not set, expected ${setting.expected}`);
    return optional(name, setting) ?? instead;
  };
  const stateContainerUrl = optional("STATE_CONTAINER_URL", SETTINGS.STATE_CONTAINER_URL) ?? hostContainer(env);
  if (stateContainerUrl === undefined) {
    problems.push(
      "STATE_CONTAINER_URL is not set, and AzureWebJobsStorage__blobServiceUri and AzureWebJobsStorage__accountName neither",
    );
  }
  const config: Config = {
    clusters: required("AKS_CLUSTER_IDS", SETTINGS.AKS_CLUSTER_IDS, []),
    packageContainerUrl: required("PACKAGE_CONTAINER_URL", SETTINGS.PACKAGE_CONTAINER_URL, ""),
    stateContainerUrl: stateContainerUrl ?? "",
    mode: required("MODE", SETTINGS.MODE, "observe"),
    pools: optional("POOLS", SETTINGS.POOLS),
    owner: optional("OWNER", SETTINGS.OWNER) ?? env["WEBSITE_SITE_NAME"] ?? "aks-windows-metrics",
    resyncAfterMs: required("RESYNC_AFTER", SETTINGS.RESYNC_AFTER, 0),
    rolloutBatch: required("ROLLOUT_BATCH", SETTINGS.ROLLOUT_BATCH, 1),
    restoreBatch: optional("RESTORE_BATCH", SETTINGS.RESTORE_BATCH),
    packageAllowed: optional("PACKAGE_ALLOWED", SETTINGS.PACKAGE_ALLOWED),
    packageAccess: required("PACKAGE_ACCESS", SETTINGS.PACKAGE_ACCESS, "link"),
    scrapeSources: optional("SCRAPE_SOURCES", SETTINGS.SCRAPE_SOURCES) ?? {},
    scrapeObjects: required("SCRAPE_OBJECTS", SETTINGS.SCRAPE_OBJECTS, "both"),
    scrapeNamespace: required("SCRAPE_NAMESPACE", SETTINGS.SCRAPE_NAMESPACE, ""),
    shrinkGuard: required("SHRINK_GUARD", SETTINGS.SHRINK_GUARD, 0),
    allowClusterUserCertificate: required(
      "ALLOW_CLUSTER_USER_CERTIFICATE",
      SETTINGS.ALLOW_CLUSTER_USER_CERTIFICATE,
      false,
    ),
    clusterConcurrency: required("CLUSTER_CONCURRENCY", SETTINGS.CLUSTER_CONCURRENCY, 1),
    armEndpoint: required("ARM_ENDPOINT", SETTINGS.ARM_ENDPOINT, ""),
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

function textOf<T>(env: Environment, name: string, { fallback }: Setting<T>): string {
  const text = env[name]?.trim() ?? "";
  return text === "" ? (fallback ?? "") : text;
}

/** The Functions host names its storage account in one of two ways when it uses an identity. */
function hostContainer(env: Environment): string | undefined {
  const account = env["AzureWebJobsStorage__accountName"];
  const service = env["AzureWebJobsStorage__blobServiceUri"] ?? (account && `https://${account}.blob.core.windows.net`);
  return service && `${service.replace(/\/+$/, "")}/aks-windows-metrics`;
}
