import { text } from "node:stream/consumers";
import type { ContainerClient } from "@azure/storage-blob";
import { openCredential } from "../shared/clients/credential.ts";
import { LARGEST_PACKAGE_BYTES } from "../shared/clients/packages/zip.ts";
import { openContainer } from "../shared/clients/storage/container.ts";
import { memberOf } from "../shared/model/json.ts";
import { isPackageHash, type PackageHash } from "../shared/model/package.ts";
import { UsageError } from "./option.ts";
import { reportStalls } from "./stalls.ts";

export const CURRENT = "current.json";

/** The error for a blob that is larger than any package. */
export class OversizedBlob extends Error {
  override readonly name = "OversizedBlob";
}

/** `current.json` as it was read; a later write is conditional on `etag`. */
export interface CurrentText {
  readonly text: string;
  readonly etag: string;
}

/** Opens the package container as the signed-in user, never with a key or a link, which do not identify a user. */
export async function openPackages(url: string): Promise<ContainerClient> {
  const { protocol, pathname, search, username } = URL.canParse(url) ? new URL(url) : new URL("none:");
  const isContainer = /^(?:\/[^/]+)?\/[^/]+\/?$/.test(pathname);
  if (protocol !== "https:" || !isContainer || search !== "" || username !== "") {
    throw new UsageError(
      "--container: expected https://ACCOUNT.blob.core.windows.net/CONTAINER without a query; access is by your sign-in",
    );
  }
  return openContainer(url.replace(/\/+$/, ""), openCredential);
}

/** Returns every package whose zip is in the container. */
export async function listPackages(container: ContainerClient): Promise<ReadonlySet<PackageHash>> {
  return reportStalls("listing the container", async (alive) => {
    const found = new Set<PackageHash>();
    for await (const { name } of container.listBlobsFlat()) {
      alive();
      const hash = name.replace(/\.zip$/, "");
      if (hash !== name && isPackageHash(hash)) found.add(hash);
    }
    return found;
  });
}

/** Reads `current.json`; returns undefined if nothing was published. */
export async function readCurrent(container: ContainerClient): Promise<CurrentText | undefined> {
  return reportStalls(`reading ${CURRENT}`, async () => {
    const answer = await unlessMissing(() => container.getBlobClient(CURRENT).download());
    if (!answer?.readableStreamBody || answer.etag === undefined) return undefined;
    return { text: await text(answer.readableStreamBody), etag: answer.etag };
  });
}

/** Reads a blob of a package, up to the maximum size; returns undefined if it does not exist. */
export async function readBlob(container: ContainerClient, name: string): Promise<Buffer | undefined> {
  const blob = container.getBlobClient(name);
  return reportStalls(`reading ${name}`, async (onProgress) => {
    const properties = await unlessMissing(() => blob.getProperties());
    if (!properties) return undefined;
    const size = properties.contentLength ?? 0;
    if (size > LARGEST_PACKAGE_BYTES) {
      throw new OversizedBlob(
        `${name} has ${size} bytes, more than any package (${LARGEST_PACKAGE_BYTES}): find out who wrote it`,
      );
    }
    return blob.downloadToBuffer(0, size, { onProgress });
  });
}

/** Returns undefined if the blob does not exist; a missing container is an error. */
async function unlessMissing<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (memberOf(error, "statusCode") === 404 && memberOf(error, "code") !== "ContainerNotFound") return undefined;
    throw error;
  }
}
