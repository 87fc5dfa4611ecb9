import { text } from "node:stream/consumers";
import type { ContainerClient } from "@azure/storage-blob";
import { openCredential } from "../shared/clients/credential.ts";
import { memberOf } from "../shared/clients/errors.ts";
import { LARGEST_PACKAGE_BYTES } from "../shared/clients/packages/zip.ts";
import { openContainer } from "../shared/clients/storage/container.ts";
import { type PackageHash, isPackageHash } from "../shared/model/package.ts";
import { UsageError } from "./command.ts";

export const CURRENT = "current.json";

/** A blob that is too large to be a package's. */
export class OversizedBlob extends Error {
  override readonly name = "OversizedBlob";
}

/** `current.json` as it was read; `etag` is what a later write has to find unchanged. */
export interface CurrentText {
  readonly text: string;
  readonly etag: string;
}

/** Opens the container of packages as whoever is signed in. Never with a key or a link: those are no one's name. */
export async function openPackages(url: string): Promise<ContainerClient> {
  const { protocol, pathname, search, username } = URL.canParse(url) ? new URL(url) : new URL("none:");
  const isContainer = /^(?:\/[^/]+)?\/[^/]+\/?$/.test(pathname);
  if (protocol !== "https:" || !isContainer || search !== "" || username !== "") {
    throw new UsageError(
      "--container: expected https://ACCOUNT.blob.core.windows.net/CONTAINER, and no more: whoever is signed in is let in",
    );
  }
  return openContainer(url.replace(/\/+$/, ""), openCredential);
}

/** Every package whose zip is in the container. */
export async function listPackages(container: ContainerClient): Promise<ReadonlySet<PackageHash>> {
  const found = new Set<PackageHash>();
  for await (const { name } of container.listBlobsFlat()) {
    const hash = name.replace(/\.zip$/, "");
    if (hash !== name && isPackageHash(hash)) found.add(hash);
  }
  return found;
}

/** Reads `current.json`; undefined while nothing was published. */
export async function readCurrent(container: ContainerClient): Promise<CurrentText | undefined> {
  const answer = await unlessMissing(() => container.getBlobClient(CURRENT).download());
  if (!answer?.readableStreamBody || answer.etag === undefined) return undefined;
  return { text: await text(answer.readableStreamBody), etag: answer.etag };
}

/** Reads a blob of a package; undefined where there is none, and no more than a package may have. */
export async function readBlob(container: ContainerClient, name: string): Promise<Buffer | undefined> {
  const blob = container.getBlobClient(name);
  const properties = await unlessMissing(() => blob.getProperties());
  if (!properties) return undefined;
  const size = properties.contentLength ?? 0;
  if (size > LARGEST_PACKAGE_BYTES) {
    throw new OversizedBlob(
      `${name} has ${size} bytes, more than any package (${LARGEST_PACKAGE_BYTES}): find out who wrote it`,
    );
  }
  return blob.downloadToBuffer(0, size);
}

/** A missing blob, but not a missing container. */
async function unlessMissing<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (memberOf(error, "statusCode") === 404 && memberOf(error, "code") !== "ContainerNotFound") return undefined;
    throw error;
  }
}
