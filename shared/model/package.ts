import * as v from "valibot";
import { isRecord } from "./json.ts";

/** SHA-256 of a package's zip, as 64 lower-case hex digits; the blob's name contains it. */
export type PackageHash = string & { readonly __brand: "PackageHash" };

/** Arguments of the DSC configuration: names and plain values. They are public settings, so they contain no secret. */
export type ConfigurationArguments = Readonly<Record<string, string | number | boolean>>;

/** A package and the arguments of its DSC configuration. */
export interface Package {
  readonly hash: PackageHash;
  readonly arguments: ConfigurationArguments;
}

/** A package as the manifest describes it. */
export interface NamedPackage extends Package {
  readonly exporterVersion: string;
}

/** Result of reading and hashing a package: usable, or why it is not. */
export type PackageCheck = { readonly usable: true } | { readonly usable: false; readonly problem: string };

/** The manifest's package and the checks of all packages that a pass may need. */
export interface ObservedPackages {
  /** The package in `current.json`, or why that file cannot be used. */
  readonly current: { readonly package: Package } | { readonly problem: string };
  /** A check for each package that the manifest, the memory or a model names, by hash. */
  readonly checks: Readonly<Record<string, PackageCheck>>;
}

const HASH = /^[0-9a-f]{64}$/;

/** Returns whether a value is a package's hash. */
export function isPackageHash(text: unknown): text is PackageHash {
  return typeof text === "string" && HASH.test(text);
}

/** Parses a manifest: `current.json` or a file with its fields. Throws a TypeError that lists every invalid field. */
export function parseManifest(text: string, name = "current.json"): NamedPackage {
  const json = parseJson(text, name);
  const problems = MANIFEST_RULES.filter((rule) => !rule.holds(json)).map((rule) => rule.expected);
  const { package: hash, exporterVersion, arguments: args } = json;
  if (problems.length > 0 || !isPackageHash(hash) || typeof exporterVersion !== "string" || !isArguments(args)) {
    throw new TypeError(`${name}: expected ${problems.join(", ")}`);
  }
  return { hash, exporterVersion, arguments: args };
}

const MANIFEST_RULES: readonly { expected: string; holds: (json: Readonly<Record<string, unknown>>) => boolean }[] = [
  { expected: "schema 1", holds: (json) => json["schema"] === 1 },
  { expected: "package to be 64 hex digits", holds: (json) => isPackageHash(json["package"]) },
  { expected: "exporterVersion to be a text", holds: (json) => typeof json["exporterVersion"] === "string" },
  {
    expected: "arguments to be an object of plain values without Package and Marker",
    holds: (json) => isArguments(json["arguments"]),
  },
];

function parseJson(text: string, name: string): Readonly<Record<string, unknown>> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new TypeError(`${name}: expected JSON`, { cause: error });
  }
  if (!isRecord(json)) throw new TypeError(`${name}: expected a JSON object`);
  return json;
}

/**
 * Returns whether an argument is one that only the app adds: `Package` and `Marker`, which name the package to the
 * module on the node. PowerShell ignores the case of names.
 */
export function isAddedArgument(name: string): boolean {
  return ["package", "marker"].includes(name.toLowerCase());
}

/** Returns whether a value is a set of arguments without those that the app adds. */
function isArguments(value: unknown): value is ConfigurationArguments {
  const plain = new Set(["string", "number", "boolean"]);
  return (
    isRecord(value) && Object.entries(value).every(([key, each]) => plain.has(typeof each) && !isAddedArgument(key))
  );
}

/** Schema of a package that memory keeps. */
export const storedPackage = v.object({
  hash: v.custom<PackageHash>(isPackageHash),
  arguments: v.custom<ConfigurationArguments>(isArguments),
});
