import * as v from "valibot";
import { isRecord } from "./json.ts";
import { describeIssues, object, parserOf } from "./schema.ts";

/** SHA-256 of a package's zip, as 64 lower-case hex digits; the blob's name contains it. */
export type PackageHash = string & { readonly __brand: "PackageHash" };

/** The newest schema of a manifest that this version of the app reads. */
const SCHEMA = 1;
const HASH = /^[0-9a-f]{64}$/;
/** The arguments that only the app sets. PowerShell compares the names of arguments without regard to case. */
const OWN_ARGUMENTS = new Set(["package", "marker"]);

/** Returns whether a value is a package's hash. */
export function isPackageHash(text: unknown): text is PackageHash {
  return typeof text === "string" && HASH.test(text);
}

/** Schema of a package's hash. */
export const packageHash = v.custom<PackageHash>(isPackageHash, "64 lower-case hex digits");

/** Arguments of the DSC configuration: names and plain values. They are public settings, so they contain no secret. */
export type ConfigurationArguments = v.InferOutput<typeof configurationArguments>;

/** `v.record` would drop an argument with the name `constructor`. */
const configurationArguments = v.pipe(
  v.custom<Readonly<Record<string, string | number | boolean>>>(isRecord, "an object"),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { value: input } = dataset;
    for (const [key, value] of Object.entries(input)) {
      const message = expectedArgument(key, value);
      if (message) addIssue({ input: value, message, path: [{ type: "object", origin: "value", input, key, value }] });
    }
  }),
);

/**
 * Returns whether an argument is one that only the app adds: `Package` and `Marker`, which name the package to the
 * module on the node.
 */
export function isAddedArgument(name: string): boolean {
  return OWN_ARGUMENTS.has(name.toLowerCase());
}

/** Returns what was expected instead of an argument; undefined for a valid one. */
function expectedArgument(name: string, value: unknown): string | undefined {
  if (isAddedArgument(name)) return "no argument of this name, because the app sets it";
  const isPlain = typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
  return isPlain ? undefined : "a text, a number, true or false";
}

/** Fields that every version of a manifest has. */
export const MANIFEST_FIELDS = {
  schema: v.literal(SCHEMA, `${SCHEMA}`),
  package: packageHash,
  exporterVersion: v.string("a text"),
  arguments: configurationArguments,
};

const manifest = v.pipe(
  object(MANIFEST_FIELDS),
  v.transform(({ package: hash, exporterVersion, arguments: args }) => ({ hash, exporterVersion, arguments: args })),
  v.readonly(),
);

/** A package as the manifest describes it. */
export type NamedPackage = v.InferOutput<typeof manifest>;

/** Schema of a package that memory keeps. */
export const storedPackage = object({ hash: packageHash, arguments: configurationArguments });

/** Returns a package with its arguments; undefined if the value does not have that form. */
export const parsePackage = parserOf(storedPackage);

/** A package and the arguments of its DSC configuration. */
export type Package = v.InferOutput<typeof storedPackage>;

/** Returns the package as it removes its exporter from a node: with the argument `Ensure` = `Absent`. */
export function toRemoval({ hash, arguments: args }: Package): Package {
  return { hash, arguments: { ...withoutEnsure(args), Ensure: "Absent" } };
}

/** Returns whether a package with these arguments removes its exporter. PowerShell ignores the case of both. */
export function isRemoval({ arguments: args }: Package): boolean {
  return Object.entries(args).some(([key, value]) => isEnsure(key) && /^absent$/i.test(String(value)));
}

function withoutEnsure(args: ConfigurationArguments): ConfigurationArguments {
  return Object.fromEntries(Object.entries(args).filter(([key]) => !isEnsure(key)));
}

function isEnsure(name: string): boolean {
  return name.toLowerCase() === "ensure";
}

/**
 * Result of reading and hashing a package: usable, or why it is not. One whose content is not what its name says, or is
 * unsafe, is rejected; one that cannot be read may be the right one.
 */
export type PackageCheck =
  | { readonly usable: true }
  | { readonly usable: false; readonly isRejected: boolean; readonly problem: string };

/** The manifest's package and the checks of all packages that a pass may need. */
export interface ObservedPackages {
  /** The package in `current.json`, or why that file cannot be used. */
  readonly current: { readonly package: Package } | { readonly problem: string };
  /** A check for each package that the manifest, the memory or a model names, by hash. */
  readonly checks: Readonly<Record<string, PackageCheck>>;
}

/** Parses a manifest: `current.json` or a file with its fields. Throws a TypeError that lists every invalid field. */
export function parseManifest(text: string, name = "current.json"): NamedPackage {
  return parseManifestAs(manifest, text, name);
}

/** Does the same as `parseManifest`, with a schema of more fields. */
export function parseManifestAs<T extends v.GenericSchema>(schema: T, text: string, name: string): v.InferOutput<T> {
  const json = parseObject(text, name);
  refuseNewerSchema(json, name);
  const result = v.safeParse(schema, json);
  if (result.success) return result.output;
  throw new TypeError(`${name}: ${describeIssues(result.issues).join("; ")}`);
}

/** Throws a TypeError if a manifest has a later schema than this version of the app reads. */
export function refuseNewerSchema({ schema }: Readonly<Record<string, unknown>>, name: string): void {
  if (typeof schema !== "number" || schema <= SCHEMA) return;
  throw new TypeError(
    `${name}: found schema ${schema}, and this version of the app reads schema ${SCHEMA}: the app is older than the package. Upgrade the app.`,
  );
}

function parseObject(text: string, name: string): Readonly<Record<string, unknown>> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new TypeError(`${name}: expected JSON`, { cause: error });
  }
  if (!isRecord(json)) throw new TypeError(`${name}: expected a JSON object`);
  return json;
}
