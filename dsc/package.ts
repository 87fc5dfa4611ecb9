import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import * as v from "valibot";
import { byText } from "../shared/model/order.ts";
import { MANIFEST_FIELDS, packageHash, parseManifestAs } from "../shared/model/package.ts";
import { list, object } from "../shared/model/schema.ts";

/** The only folder in a package, a PowerShell module. The DSC extension copies it to the node's modules. */
export const MODULE = "AksWindowsMetrics";
export const MSI_PATH = `${MODULE}/windows_exporter.msi`;
export const CONFIG_PATH = `${MODULE}/config.yaml`;

const DESCRIPTION_FIELDS = { ...MANIFEST_FIELDS, deployable: v.boolean("true or false") };
const time = v.pipe(
  v.string("a time"),
  v.check((text) => !Number.isNaN(Date.parse(text)), "a time"),
);
const description = v.pipe(
  object(DESCRIPTION_FIELDS),
  v.transform(({ schema: _schema, ...fields }) => fields),
  v.readonly(),
);
const published = v.pipe(
  object({ ...DESCRIPTION_FIELDS, publishedAt: time, previous: list(packageHash) }),
  v.forward(
    v.check(
      ({ package: hash, previous }) => new Set([hash, ...previous]).size > previous.length,
      "no package twice, nor the current one",
    ),
    ["previous"],
  ),
  v.transform(({ schema: _schema, ...fields }) => fields),
  v.readonly(),
);

/** The description of a package that is needed to publish it: `<hash>.json`, in the same folder as the zip. */
export type PackageDescription = v.InferOutput<typeof description>;

/** `current.json`: the published package and the earlier ones, newest first. */
export type Manifest = v.InferOutput<typeof published>;

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
  return parseManifestAs(description, text, name);
}

/** Parses `current.json`, including the fields that the app ignores; throws an error that says what was expected. */
export function parsePublished(text: string): Manifest {
  return parseManifestAs(published, text, "current.json");
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
