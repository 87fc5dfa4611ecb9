import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bumpRelease } from "../../dsc/bump-release.ts";
import { sha256Of } from "../../dsc/package.ts";
import { parseRelease } from "../../dsc/release.ts";

const RELEASE = new URL("release.json", import.meta.url);
const SIZE = 256 * 1024;

/** Returns the bytes of a version's simulated MSI: deterministic, and different for each version. */
export function makeSimulatedMsi(version: string): Buffer {
  const blocks = Array.from({ length: SIZE / 32 }, (_, index) =>
    createHash("sha256").update(`windows_exporter ${version} ${index}`).digest(),
  );
  return Buffer.concat(blocks);
}

/** Writes a version's simulated MSI and a release file, which can be published only to this machine. */
export function writeSimulatedRelease(
  folder: string,
  version: string,
): { readonly msi: string; readonly release: string } {
  const msi = makeSimulatedMsi(version);
  const paths = { msi: join(folder, `${version}.msi`), release: join(folder, `${version}.json`) };
  const text = readFileSync(RELEASE, "utf8");
  const isThis = parseRelease(text, "release.json").exporter.version === version;
  mkdirSync(folder, { recursive: true });
  writeFileSync(paths.msi, msi);
  const bumped = isThis ? text : bumpRelease(text, "release.json", { version, sha256: sha256Of(msi) }).text;
  writeFileSync(paths.release, bumped);
  return paths;
}
