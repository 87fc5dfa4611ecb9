import * as v from "valibot";
import { redact } from "../model/redact.ts";
import { describeSettings, type SettingInfo } from "./setting-info.ts";
import { SETTINGS } from "./settings.ts";

/** The parsed app settings, by their names. Times are in milliseconds; undefined is a default that the flows define. */
export type Config = Readonly<v.InferOutput<typeof SETTINGS>> & {
  /** The name of the function app, which Azure sets; undefined elsewhere. */
  readonly WEBSITE_SITE_NAME: string | undefined;
};

/** Lists every invalid setting, each with what was found and what was expected. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`bad app settings: ${problems.join("; ")}`);
    this.problems = problems;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Parses every setting; throws a `ConfigError` that lists every invalid one. */
export function readConfig(env: Environment): Config {
  const texts = textsOf(env);
  const result = v.safeParse(SETTINGS, texts);
  if (result.success) return { ...result.output, WEBSITE_SITE_NAME: env["WEBSITE_SITE_NAME"] };
  const wrong = new Set<string | null>(result.issues.map((issue) => v.getDotPath(issue)));
  throw new ConfigError(
    describeSettings().flatMap((setting) => (wrong.has(setting.name) ? [problemOf(setting, texts[setting.name])] : [])),
  );
}

/** Returns the settings that are set, with the host's defaults for those that have one. */
function textsOf(env: Environment): Environment {
  const defaults: Environment = {
    STATE_CONTAINER_URL: hostContainer(env),
    OWNER: env["WEBSITE_SITE_NAME"] ?? "aks-windows-metrics",
  };
  const set = Object.keys(SETTINGS.entries).map((name) => [name, env[name]?.trim() || defaults[name]] as const);
  return Object.fromEntries(set.filter(([, text]) => text !== undefined));
}

/** Returns the app's container in the host's storage account, which the host names in one of two settings. */
function hostContainer(env: Environment): string | undefined {
  const account = env["AzureWebJobsStorage__accountName"];
  const service = env["AzureWebJobsStorage__blobServiceUri"] || (account && `https://${account}.blob.core.windows.net`);
  return service ? `${service.replace(/\/+$/, "")}/aks-windows-metrics` : undefined;
}

function problemOf({ name, expected, hostSettings }: SettingInfo, text: string | undefined): string {
  if (text !== undefined) return `${name}: found '${redact(text)}', expected ${expected}`;
  return hostSettings === undefined
    ? `${name} is not set, expected ${expected}`
    : `${name} is not set, and ${hostSettings} neither`;
}
