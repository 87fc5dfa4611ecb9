import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { isRecord } from "../shared/model/json.ts";
import { byText } from "../shared/model/order.ts";
import {
  type ConfigurationArguments,
  isPackageHash,
  type PackageHash,
  parseManifest,
} from "../shared/model/package.ts";

/** The only folder in a package, a PowerShell module. The DSC extension copies it to the node's modules. */
export const MODULE = "AksWindowsMetrics";
export const MSI_PATH = `${MODULE}/windows_exporter.msi`;
export const CONFIG_PATH = `${MODULE}/config.yaml`;

/** The description of a package that is needed to publish it: `<hash>.json`, in the same folder as the zip. */
export interface PackageDescription {
  readonly package: PackageHash;
  readonly exporterVersion: string;
  readonly deployable: boolean;
  readonly arguments: ConfigurationArguments;
}

/** `current.json`: the published package and the earlier ones, newest first. */
export interface Manifest extends PackageDescription {
  /** ISO 8601, in UTC. */
  readonly publishedAt: string;
  readonly previous: readonly PackageHash[];
}

/** Returns the text of `<hash>.json`. */
export function formatDescription(description: PackageDescription): string {
  return formatJson({ schema: 1, ...description });
}

/** Returns the text of `current.json`. */
export function formatManifest(manifest: Manifest): string {
  return formatJson({ schema: 1, ...manifest });
}

/** Parses `<hash>.json`; throws an error that says what was expected. */
export function parseDescription(text: string, name: string): PackageDescription {
  const { hash, exporterVersion, arguments: args } = parseManifest(text, name);
  const json: unknown = JSON.parse(text);
  const deployable = isRecord(json) ? json["deployable"] : undefined;
  if (typeof deployable !== "boolean") throw new TypeError(`${name}: expected deployable to be true or false`);
  return { package: hash, exporterVersion, deployable, arguments: args };
}

/** Parses `current.json`, including the fields that the app ignores; throws an error that says what was expected. */
export function parsePublished(text: string): Manifest {
  const description = parseDescription(text, "current.json");
  const json: unknown = JSON.parse(text);
  const { publishedAt, previous } = isRecord(json) ? json : {};
  if (typeof publishedAt !== "string" || Number.isNaN(Date.parse(publishedAt))) {
    throw new TypeError("current.json: expected publishedAt to be a time");
  }
  if (!Array.isArray(previous) || !previous.every((each) => isPackageHash(each))) {
    throw new TypeError("current.json: expected previous to be a list of hashes of 64 hex digits");
  }
  if (new Set([description.package, ...previous]).size <= previous.length) {
    throw new TypeError("current.json: expected previous to name no package twice, nor the current one");
  }
  return { ...description, publishedAt, previous };
}

/** Whether two descriptions are equal, regardless of the order of their keys. */
export function isSameDescription(a: PackageDescription, b: PackageDescription): boolean {
  const pick = ({ package: hash, exporterVersion, deployable, arguments: args }: PackageDescription): unknown => [
    hash,
    exporterVersion,
    deployable,
    args,
  ];
  return isDeepStrictEqual(pick(a), pick(b));
}

/**
 * Returns the first line of a package's configuration file. It makes the arguments a part of the package's hash: other
 * arguments make another package, with its own canary and its own entry in the rollback history.
 */
export function headerOf({
  exporterVersion,
  deployable,
  arguments: args,
}: Omit<PackageDescription, "package">): string {
  const sorted = Object.entries(args).toSorted(byText(([key]) => key));
  const words = sorted.map(([name, value]) => `${name}=${value}`).join(" ");
  return `# windows_exporter ${exporterVersion}, ${deployable ? "deployable" : "not deployable"}, for ${words}`;
}

/** Returns the SHA-256 as 64 lower-case hex digits. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function formatJson(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
