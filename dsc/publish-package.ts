import type { ContainerClient } from "@azure/storage-blob";
import { textIn } from "../shared/clients/errors.ts";
import { isRecord } from "../shared/model/json.ts";
import { isPackageHash, type PackageHash } from "../shared/model/package.ts";
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
import { isThisMachine } from "./this-machine.ts";

/** Packages in `previous`: years of releases, and `verify` downloads each of them. */
export const MOST_PREVIOUS = 20;

/** How Azure Storage says that `If-Match` or `If-None-Match` does not hold; a lease or a policy is another conflict. */
const CONDITION_FAILED: ReadonlySet<string> = new Set(["ConditionNotMet", "BlobAlreadyExists"]);

/** What to publish: a package of this machine, or one that the container has, as the Nth before or by its hash. */
export type PublishRequest = LocalPackage | { readonly rollback: number | PackageHash };

interface LocalPackage {
  readonly bytes: Buffer;
  readonly description: PackageDescription;
}

/** All that will be written, and what has to be unchanged until then. */
export interface Publication {
  readonly uploads: readonly { readonly name: string; readonly bytes: Buffer }[];
  /** Undefined: the package is current already. */
  readonly manifest: Manifest | undefined;
  readonly description: PackageDescription;
  readonly read: CurrentText | undefined;
}

/** Reads the container and decides; writes nothing. Throws where the package must not be published. */
export async function planPublication(
  container: ContainerClient,
  request: PublishRequest,
  now: Date,
): Promise<Publication> {
  if ("bytes" in request) await refuse(container, request);
  const zips = await listPackages(container);
  const read = await readCurrent(container);
  const { current, previous } = historyOf(read?.text);
  const { description } = "bytes" in request ? request : await findEarlier(container, previous, request.rollback);
  const hash = description.package;
  const history = [...(current ? [current] : []), ...previous].filter((each) => each !== hash && zips.has(each));
  const manifest = { ...description, publishedAt: now.toISOString(), previous: history.slice(0, MOST_PREVIOUS) };
  const isNews = !isCurrent(read?.text, description);
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

/** What a rollback names is in the container, and was looked at there. */
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
 * Uploads what is missing, then names the package in `current.json`, if that is as it was read. Throws where another
 * publisher came first; then nothing has changed but that the container has one more zip. Returns what was done.
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
    // A first try whose answer was lost is in the way of its own repetition.
    const found = await readCurrent(container);
    if (found?.text !== text) {
      throw new Error(
        `another publisher changed ${CURRENT} meanwhile, and this package was not published: look at what is ` +
          "published now (npm run dsc:publish -- --list), then publish again if it is still wanted",
      );
    }
  }
  return [...done, `wrote ${CURRENT}`];
}

/** What `current.json` names, the newest first and each once; of a damaged one what can be read. */
export function historyOf(text: string | undefined): {
  readonly current: PackageHash | undefined;
  readonly previous: readonly PackageHash[];
} {
  const { package: hash, previous } = readObject(text ?? "{}");
  const current = isPackageHash(hash) ? hash : undefined;
  const hashes = Array.isArray(previous) ? previous.filter((each) => isPackageHash(each)) : [];
  return { current, previous: [...new Set(hashes)].filter((each) => each !== current) };
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(text);
    return isRecord(json) ? json : {};
  } catch {
    return {};
  }
}

function isCurrent(text: string | undefined, description: PackageDescription): boolean {
  if (text === undefined) return false;
  try {
    return isSameDescription(parsePublished(text), description);
  } catch {
    return false;
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

/** A blob whose content is not its name's is worth nothing to anybody: it is written anew. */
async function ensureBlob(container: ContainerClient, name: string, bytes: Buffer): Promise<string> {
  const found = await readBlob(container, name);
  if (found?.equals(bytes)) return "found";
  const isWritten = await writeIf(container, { name, bytes, conditions: found ? {} : { ifNoneMatch: "*" } });
  // Not written: another publisher was quicker, and its content is to be looked at.
  if (!isWritten) return ensureBlob(container, name, bytes);
  return found ? "found other content in, and wrote anew (find out who changed it):" : "uploaded";
}

/** Whether the blob was written; it was not where the conditions don't hold. */
async function writeIf(
  container: ContainerClient,
  { name, bytes, conditions }: { name: string; bytes: Buffer; conditions: { ifMatch?: string; ifNoneMatch?: string } },
): Promise<boolean> {
  try {
    await container.getBlockBlobClient(name).uploadData(bytes, { conditions });
    return true;
  } catch (error) {
    if (CONDITION_FAILED.has(textIn(error, "code") ?? "")) return false;
    throw error;
  }
}
