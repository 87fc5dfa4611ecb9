import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildPackage, type BuiltPackage } from "./build-package.ts";
import { tell } from "./command.ts";
import { downloadMsi } from "./download-msi.ts";
import { TABLES_VERSION } from "./exporter-config.ts";
import { readFor } from "./option.ts";
import { parseRelease } from "./release.ts";

const source = fileURLToPath(new URL(".", import.meta.url));

/** The folder for downloads and packages. */
export const CACHE = fileURLToPath(new URL("../.cache/", import.meta.url));

const text = { type: "string" } as const;

/** Options of the commands that build, for `parseArgs`. */
export const BUILD_OPTIONS = { release: text, msi: text, cache: text };

/** Builds the package of a release file and reports progress on the standard error output. */
export async function buildRelease({
  release: file = join(source, "release.json"),
  msi,
  cache = join(CACHE, "msi"),
}: {
  readonly release?: string | undefined;
  readonly msi?: string | undefined;
  readonly cache?: string | undefined;
}): Promise<BuiltPackage> {
  const release = parseRelease(readFor("--release", file).toString("utf8"), file);
  const bytes = msi === undefined ? await downloadMsi(release.exporter, { cache, say: tell }) : readFor("--msi", msi);
  const built = await buildPackage(release, bytes, source);
  if (release.exporter.version !== TABLES_VERSION) {
    tell(`Keys and collectors were checked against ${TABLES_VERSION}: read what changed in windows_exporter since.`);
  }
  return built;
}
