import { isRecord } from "./json.ts";

/** SHA-256 of the zip, 64 lower-case hex digits; the blob is named by it. */
export type PackageHash = string & { readonly __brand: "PackageHash" };

/** Arguments of the DSC configuration, public: names and plain values. */
export type ConfigurationArguments = Readonly<Record<string, string | number | boolean>>;

/** A package and the arguments that its configuration is called with. */
export interface Package {
  readonly hash: PackageHash;
  readonly arguments: ConfigurationArguments;
}

/** A package as `current.json` names it. */
export interface NamedPackage extends Package {
  readonly exporterVersion: string;
}

/** A package whose bytes were read and hashed, or why it can't be used. */
export type PackageCheck = { readonly usable: true } | { readonly usable: false; readonly problem: string };

/** What the package container holds, as far as a pass needs it. */
export interface ObservedPackages {
  /** The manifest's package, or what is wrong with the manifest. */
  readonly current: { readonly package: Package } | { readonly problem: string };
  /** Each package that the manifest, the memory or a model names, by its hash. */
  readonly checks: Readonly<Record<string, PackageCheck>>;
}

const HASH = /^[0-9a-f]{64}$/;

/** Whether a text is a package's hash. */
export function isPackageHash(text: unknown): text is PackageHash {
  return typeof text === "string" && HASH.test(text);
}

/** Reads `current.json`, or what else has its fields; every fault of it at once in the error's message. */
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
    expected: "arguments to be an object of plain values without Package",
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

/** `Package` is the app's own argument: a manifest that brings one is refused. */
function isArguments(value: unknown): value is ConfigurationArguments {
  const plain = new Set(["string", "number", "boolean"]);
  return (
    isRecord(value) &&
    Object.entries(value).every(([key, each]) => plain.has(typeof each) && key.toLowerCase() !== "package")
  );
}
