import type { ContainerClient } from "@azure/storage-blob";
import type { PackageHash } from "../shared/model/package.ts";
import { listPackages, readBlob, readCurrent } from "./package-container.ts";
import { parseDescription } from "./package.ts";
import { parseCurrent } from "./publish-package.ts";

/**
 * Returns a line per package: its position (0: current, -: in no history), hash and version. Throws an error that says
 * what to do if `current.json` is damaged.
 */
export async function listPublished(container: ContainerClient): Promise<readonly string[]> {
  const current = parseCurrent(await readCurrent(container));
  const named = [current?.package, ...(current?.previous ?? [])];
  const others = [...(await listPackages(container))].filter((hash) => !named.includes(hash)).toSorted();
  const rows = [
    ...named.map((hash, back) => [String(back), hash] as const),
    ...others.map((hash) => ["-", hash] as const),
  ];
  const lines = rows.map(async ([back, hash]) =>
    hash === undefined ? `${back}  nothing is published` : `${back}  ${hash}  ${await versionOf(container, hash)}`,
  );
  return Promise.all(lines);
}

async function versionOf(container: ContainerClient, hash: PackageHash): Promise<string> {
  const json = await readBlob(container, `${hash}.json`);
  if (!json) return "not described: it cannot be rolled back to";
  return `windows_exporter ${parseDescription(json.toString("utf8"), `${hash}.json`).exporterVersion}`;
}
