import { unzipSync } from "fflate";
import { checkPackageZip } from "../shared/clients/packages/zip.ts";
import { findArgumentFaults } from "./arguments.ts";
import { findConfigFaults } from "./exporter-config.ts";
import { type Files, findContentFaults, findPartFaults, METADATA_PATH, textOf } from "./package-parts.ts";
import { CONFIG_PATH, headerOf, MODULE, MSI_PATH, type PackageDescription, sha256Of } from "./package.ts";

/** The result of one check; it passed if there is no problem. */
export interface Check {
  readonly what: string;
  readonly problem?: string;
}

/** Checks a package: first whether it can be unpacked safely, then its contents. */
export async function inspectPackage(
  bytes: Buffer,
  description: PackageDescription,
  signal: AbortSignal = new AbortController().signal,
): Promise<readonly Check[]> {
  const hash = sha256Of(bytes);
  const isNamed = hash === description.package;
  const named = toCheck("content is what its name says", isNamed ? [] : [`the content's SHA-256 is ${hash}`]);
  const zip = await checkPackageZip(bytes, signal);
  if (!zip.usable) return [named, { what: "zip unpacks without harm", problem: zip.problem }];
  const files: Files = unzipSync(bytes);
  const { arguments: args, exporterVersion } = description;
  const isVersionOf = args["Version"] === exporterVersion;
  return [
    named,
    { what: "zip unpacks without harm" },
    // One folder only: the extension copies each root folder to the node's modules and overwrites existing ones.
    toCheck("files are the configuration and the parts of the module", findPartFaults(files)),
    toCheck("configuration and module belong together", findContentFaults(files)),
    toCheck("dscmetadata.json names the module", findMetadataFaults(files[METADATA_PATH])),
    toCheck("config.yaml is what windows_exporter reads", findConfigFaults(textOf(files[CONFIG_PATH]))),
    toCheck("config.yaml and the description are of one build", findHeaderFaults(files[CONFIG_PATH], description)),
    toCheck("arguments are known", [
      ...findArgumentFaults(args),
      ...(isVersionOf ? [] : [`arguments.Version: expected exporterVersion, ${exporterVersion}`]),
    ]),
    toCheck("MSI is the one of MsiSha256", findMsiFaults(files[MSI_PATH], args["MsiSha256"])),
  ];
}

function toCheck(what: string, faults: readonly string[]): Check {
  return faults.length === 0 ? { what } : { what, problem: faults.join("; ") };
}

function findMetadataFaults(bytes: Uint8Array | undefined): readonly string[] {
  const expected = JSON.stringify({ Modules: [MODULE] });
  return textOf(bytes) === expected ? [] : [`found '${textOf(bytes).slice(0, 200)}', expected '${expected}'`];
}

function findHeaderFaults(bytes: Uint8Array | undefined, description: PackageDescription): readonly string[] {
  const [found = ""] = textOf(bytes).split("\n", 1);
  const expected = headerOf(description);
  return found === expected ? [] : [`config.yaml begins with '${found.slice(0, 500)}', expected '${expected}'`];
}

function findMsiFaults(bytes: Uint8Array | undefined, expected: unknown): readonly string[] {
  const found = sha256Of(bytes ?? new Uint8Array());
  return found === String(expected).toLowerCase()
    ? []
    : [`the MSI's SHA-256 is ${found}, expected ${String(expected)}`];
}
