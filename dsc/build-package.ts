import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { zipSync } from "fflate";
import { CONFIGURATION } from "../shared/model/extension.ts";
import { byText } from "../shared/model/order.ts";
import { isPackageHash } from "../shared/model/package.ts";
import { completeArguments } from "./arguments.ts";
import { renderConfig } from "./exporter-config.ts";
import { inspectPackage } from "./inspect-package.ts";
import { type Files, METADATA_PATH, modulePaths, withContent } from "./package-parts.ts";
import { CONFIG_PATH, headerOf, MODULE, MSI_PATH, type PackageDescription, sha256Of } from "./package.ts";
import type { Release } from "./release.ts";

/** A package: its zip, and its description in `<hash>.json`. */
export interface BuiltPackage {
  readonly bytes: Buffer;
  readonly description: PackageDescription;
  readonly contents: readonly { readonly path: string; readonly size: number }[];
}

/** Within the range of years of a zip, and never skipped by a change to daylight saving time: a zip has local time. */
const MTIME = "1980-06-15T12:00:00";

/**
 * Builds the package of a release from `source`, the folder with the configuration, its module and `config.yaml`. The
 * same input gives the same bytes on every machine. Throws an error that lists all faults of the package.
 */
export async function buildPackage(release: Release, msi: Buffer, source: string): Promise<BuiltPackage> {
  const found = sha256Of(msi);
  if (found !== release.exporter.sha256) {
    throw new Error(
      `the MSI has the SHA-256 ${found}, expected ${release.exporter.sha256}, exporter.sha256 of the release; ` +
        "take the file of that version, or correct the release (npm run dsc:bump)",
    );
  }
  const about = {
    exporterVersion: release.exporter.version,
    deployable: release.deployable,
    arguments: completeArguments(release.arguments, release.exporter),
  };
  const template = readFileSync(join(source, "config.yaml"), "utf8");
  const files = withContent({
    ...readPowerShell(source),
    [METADATA_PATH]: Buffer.from(JSON.stringify({ Modules: [MODULE] })),
    [CONFIG_PATH]: Buffer.from(renderConfig(template, headerOf(about), release.collectors)),
    [MSI_PATH]: msi,
  });
  const sorted = Object.entries(files).toSorted(byText(([key]) => key));
  // Stored, not compressed: the MSI is already compressed, and a compressor's output may change with its version.
  const bytes = Buffer.from(zipSync(Object.fromEntries(sorted), { level: 0, mtime: MTIME }));
  const hash = sha256Of(bytes);
  if (!isPackageHash(hash)) throw new TypeError(`no hash: ${hash}`);
  const description = { package: hash, ...about };
  const faults = (await inspectPackage(bytes, description)).flatMap(({ problem }) => problem ?? []);
  if (faults.length > 0) throw new Error(["the package is refused:", ...faults].join("\n  - "));
  return { bytes, description, contents: sorted.map(([path, { length }]) => ({ path, size: length })) };
}

/**
 * Returns the configuration and the PowerShell files that the module loads, by their path in the zip. Throws an error
 * for another PowerShell file in the module's folder, which would be missing on the node, and for one that is missing.
 */
function readPowerShell(source: string): Files {
  const psm1 = `${MODULE}/${MODULE}.psm1`;
  const paths = modulePaths(readNormalised(source, psm1).toString("utf8"));
  const entries = readdirSync(join(source, MODULE), { recursive: true, withFileTypes: true });
  const found = entries
    .filter((entry) => entry.isFile() && /\.ps[dm]?1$/i.test(entry.name) && !/\.tests\.ps1$/i.test(entry.name))
    .map((entry) => relative(source, join(entry.parentPath, entry.name)).split(sep).join("/"));
  const faults = [
    ...found.filter((path) => !paths.includes(path)).map((path) => `${path} is not loaded by ${psm1}; remove it`),
    ...paths.filter((path) => !found.includes(path)).map((path) => `${path} is missing, and ${psm1} loads it`),
  ];
  if (faults.length > 0) throw new Error(["the module is refused:", ...faults].join("\n  - "));
  return Object.fromEntries([CONFIGURATION.script, ...paths].map((path) => [path, readNormalised(source, path)]));
}

/** Converts line ends to LF, as Git stores them. */
function readNormalised(source: string, path: string): Buffer {
  const bytes = readFileSync(join(source, path));
  const isMarked = bytes.subarray(0, 3).equals(Buffer.from("\uFEFF"));
  if (!isMarked && bytes.some((byte) => byte > 0x7f)) {
    throw new Error(
      `${path} has characters beyond ASCII and no byte order mark: Windows PowerShell 5.1 would read them in the ` +
        "node's own code page; write them in ASCII, or save the file as UTF-8 with a byte order mark",
    );
  }
  return Buffer.from(bytes.toString("utf8").replaceAll("\r\n", "\n"));
}
