import type { ContainerClient } from "@azure/storage-blob";
import type { PackageHash } from "../shared/model/package.ts";
import { listPackages, readBlob, readCurrent } from "./package-container.ts";
import { parseDescription } from "./package.ts";
import { parseCurrent } from "./publish-package.ts";

/** A package in the container. */
export interface ListedPackage {
  /** 0: the current one; N: the Nth before it; null: in no history. */
  readonly back: number | null;
  readonly package: PackageHash;
  /** null: it is not described, and cannot be rolled back to. */
  readonly exporterVersion: string | null;
}

/** Returns every package, the current one first. Throws an error that says what to do if `current.json` is damaged. */
export async function listPublished(container: ContainerClient): Promise<readonly ListedPackage[]> {
  const current = parseCurrent(await readCurrent(container));
  const named = current ? [current.package, ...current.previous] : [];
  const others = [...(await listPackages(container))].filter((hash) => !named.includes(hash)).toSorted();
  const rows = [...named.map((hash, back) => ({ back, hash })), ...others.map((hash) => ({ back: null, hash }))];
  return Promise.all(
    rows.map(async ({ back, hash }) => ({
      back,
      package: hash,
      exporterVersion: await versionOf(container, hash),
    })),
  );
}

/** Returns a line per package, and one that says so if none is published. */
export function formatPublished(packages: readonly ListedPackage[]): readonly string[] {
  const lines = packages.map(({ back, package: hash, exporterVersion }) => {
    const what =
      exporterVersion === null ? "not described: it cannot be rolled back to" : `windows_exporter ${exporterVersion}`;
    return `${back ?? "-"}  ${hash}  ${what}`;
  });
  return packages.some(({ back }) => back === 0) ? lines : ["0  nothing is published", ...lines];
}

async function versionOf(container: ContainerClient, hash: PackageHash): Promise<string | null> {
  const json = await readBlob(container, `${hash}.json`);
  return json ? parseDescription(json.toString("utf8"), `${hash}.json`).exporterVersion : null;
}
