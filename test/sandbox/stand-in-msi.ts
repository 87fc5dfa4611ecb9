import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bumpRelease } from "../../dsc/bump-release.ts";
import { sha256Of } from "../../dsc/package.ts";
import { parseRelease } from "../../dsc/release.ts";

const RELEASE = new URL("release.json", import.meta.url);
const SIZE = 256 * 1024;

/** Bytes that stand for a version's MSI: always the same ones, and no other version's. */
export function makeStandInMsi(version: string): Buffer {
  const blocks = Array.from({ length: SIZE / 32 }, (_, index) =>
    createHash("sha256").update(`windows_exporter ${version} ${index}`).digest(),
  );
  return Buffer.concat(blocks);
}

/** Writes a version's stand-in and its release file, which may only be published to a container on this machine. */
export function writeStandInRelease(
  folder: string,
  version: string,
): { readonly msi: string; readonly release: string } {
  const msi = makeStandInMsi(version);
  const paths = { msi: join(folder, `${version}.msi`), release: join(folder, `${version}.json`) };
  const text = readFileSync(RELEASE, "utf8");
  const isThis = parseRelease(text, "release.json").exporter.version === version;
  mkdirSync(folder, { recursive: true });
  writeFileSync(paths.msi, msi);
  const bumped = isThis ? text : bumpRelease(text, "release.json", { version, sha256: sha256Of(msi) }).text;
  writeFileSync(paths.release, bumped);
  return paths;
}
