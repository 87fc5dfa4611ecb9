import type { ContainerClient } from "@azure/storage-blob";
import { isRecord, textIn } from "../shared/model/json.ts";
import { type PackageHash, refuseNewerSchema } from "../shared/model/package.ts";
import { inspectPackage } from "./inspect-package.ts";
import { CURRENT, type CurrentText, listPackages, readBlob, readCurrent } from "./package-container.ts";
import {
  formatDescription,
  formatManifest,
  isSameDescription,
  type Manifest,
  type PackageDescription,
  parseDescription,
  parsePublished,
} from "./package.ts";
import { reportStalls } from "./stalls.ts";
import { isThisMachine } from "./this-machine.ts";

/** The maximum number of packages in `previous`: enough for years of releases; `verify` downloads each of them. */
export const MOST_PREVIOUS = 20;

/** Error codes of Azure Storage for a failed `If-Match` or `If-None-Match`; leases and policies have other codes. */
const CONDITION_FAILED: ReadonlySet<string> = new Set(["ConditionNotMet", "BlobAlreadyExists"]);

/** What to publish: a local package, or one in the container, as the Nth before the current one or by its hash. */
export type PublishRequest = LocalPackage | { readonly rollback: number | PackageHash };

interface LocalPackage {
  readonly bytes: Buffer;
  readonly description: PackageDescription;
}

/** What will be written, and the version of `current.json` that must be unchanged by then. */
export interface Publication {
  readonly uploads: readonly { readonly name: string; readonly bytes: Buffer }[];
  /** Undefined if the package is already current. */
  readonly manifest: Manifest | undefined;
  readonly description: PackageDescription;
  readonly read: CurrentText | undefined;
}

/** Reads the container and decides; writes nothing. Throws if the package must not be published, or a later version wrote the manifest. */
export async function planPublication(
  container: ContainerClient,
  request: PublishRequest,
  now: Date,
): Promise<Publication> {
  if ("bytes" in request) await refuse(container, request);
  const zips = await listPackages(container);
  const read = await readCurrent(container);
  const current = parseCurrent(read);
  const previous = current?.previous ?? [];
  const { description } = "bytes" in request ? request : await findEarlier(container, previous, request.rollback);
  const hash = description.package;
  const history = [...(current ? [current.package] : []), ...previous].filter(
    (each) => each !== hash && zips.has(each),
  );
  const manifest = { ...description, publishedAt: now.toISOString(), previous: history.slice(0, MOST_PREVIOUS) };
  const isNews = !current || !isSameDescription(current, description);
  return { uploads: uploadsOf(request), description, read, manifest: isNews ? manifest : undefined };
}

async function refuse(container: ContainerClient, { bytes, description }: LocalPackage): Promise<void> {
  const faults = (await inspectPackage(bytes, description)).flatMap(({ problem }) => problem ?? []);
  if (faults.length > 0) throw new Error([`package ${description.package} is refused:`, ...faults].join("\n  - "));
  if (description.deployable || isThisMachine(container.url)) return;
  throw new Error(
    `package ${description.package} is not deployable, its release says: it is for a container on this machine; ` +
      'build one from a release with "deployable": true',
  );
}

/** Returns the blobs to upload: none for a rollback, whose package was read from the container and checked. */
function uploadsOf(request: PublishRequest): Publication["uploads"] {
  if ("rollback" in request) return [];
  const { bytes, description } = request;
  const hash = description.package;
  return [
    { name: `${hash}.zip`, bytes },
    { name: `${hash}.json`, bytes: Buffer.from(formatDescription(description)) },
  ];
}

/**
 * Uploads missing blobs, then names the package in `current.json` if that is unchanged since it was read. Throws if
 * another publisher changed it; nothing but an additional zip has changed then. Returns what was done.
 */
export async function performPublication(
  container: ContainerClient,
  { uploads, manifest, read }: Publication,
): Promise<readonly string[]> {
  const done: string[] = [];
  for (const { name, bytes } of uploads) done.push(`${await ensureBlob(container, name, bytes)} ${name}`);
  if (!manifest) return [...done, `${CURRENT} names it already: nothing to publish`];
  const text = formatManifest(manifest);
  const conditions = read ? { ifMatch: read.etag } : { ifNoneMatch: "*" };
  if (!(await writeIf(container, { name: CURRENT, bytes: Buffer.from(text), conditions }))) {
    // If the response to a first attempt was lost, the SDK's retry conflicts with that attempt.
    const found = await readCurrent(container);
    if (found?.text !== text) {
      throw new Error(
        `another publisher changed ${CURRENT} at the same time, and this package was not published: check what is ` +
          "published now (npm run dsc:publish -- --list), then publish again if you still want to",
      );
    }
  }
  return [...done, `wrote ${CURRENT}`];
}

/**
 * Returns the manifest that was read, if there is one. Throws an error that says what to do if it is damaged or has a
 * later schema: to write another one would lose the history of packages.
 */
export function parseCurrent(read: CurrentText | undefined): Manifest | undefined {
  if (!read) return undefined;
  refuseNewerSchema(readObject(read.text), CURRENT);
  try {
    return parsePublished(read.text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(
      `${CURRENT} in the container is damaged, and was left as it is (${message}). ` +
        "It has the history of packages: restore an earlier version of the blob if the account keeps versions; " +
        `otherwise delete ${CURRENT}, and publish again, which begins a new history`,
      { cause: error },
    );
  }
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(text);
    return isRecord(json) ? json : {};
  } catch {
    return {};
  }
}

async function findEarlier(
  container: ContainerClient,
  previous: readonly PackageHash[],
  rollback: number | PackageHash,
): Promise<{ readonly description: PackageDescription }> {
  const hash = typeof rollback === "number" ? previous[rollback - 1] : rollback;
  const list = "npm run dsc:publish -- --list shows what there is";
  if (hash === undefined) {
    const expected = previous.length === 0 ? "a package published before" : `1 to ${previous.length}`;
    throw new Error(`--rollback: found ${rollback}, expected ${expected}; ${list}`);
  }
  const [bytes, json] = [await readBlob(container, `${hash}.zip`), await readBlob(container, `${hash}.json`)];
  const missing = bytes ? "json" : "zip";
  if (!bytes || !json) throw new Error(`--rollback: ${hash}.${missing} is not in the container; ${list}`);
  const description = parseDescription(json.toString("utf8"), `${hash}.json`);
  if (description.package !== hash) throw new Error(`${hash}.json describes another package, ${description.package}`);
  await refuse(container, { bytes, description });
  return { description };
}

/** Uploads a blob, and overwrites an existing one whose content does not match its name. */
async function ensureBlob(container: ContainerClient, name: string, bytes: Buffer): Promise<string> {
  const found = await readBlob(container, name);
  if (found?.equals(bytes)) return "found";
  const isWritten = await writeIf(container, { name, bytes, conditions: found ? {} : { ifNoneMatch: "*" } });
  // Not written: the blob exists, so its content must be checked.
  if (!isWritten) return ensureBlob(container, name, bytes);
  return found ? "found different content in, and overwrote (find out who changed it):" : "uploaded";
}

/** Writes a blob; returns false if the conditions do not hold. */
async function writeIf(
  container: ContainerClient,
  { name, bytes, conditions }: { name: string; bytes: Buffer; conditions: { ifMatch?: string; ifNoneMatch?: string } },
): Promise<boolean> {
  try {
    const blob = container.getBlockBlobClient(name);
    await reportStalls(`writing ${name}`, (onProgress) => blob.uploadData(bytes, { conditions, onProgress }));
    return true;
  } catch (error) {
    if (CONDITION_FAILED.has(textIn(error, "code") ?? "")) return false;
    throw error;
  }
}
