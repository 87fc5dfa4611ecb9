import { createHash } from "node:crypto";
import type { BlobClient, ContainerClient } from "@azure/storage-blob";
import { type Package, type PackageCheck, type PackageHash, parseManifest } from "../../model/package.ts";
import type { PackageLink } from "../arm/scale-sets.ts";
import { ignoreNotFound, runCall } from "../errors.ts";
import { readAtMost, TooLargeError } from "../read-at-most.ts";
import { createLinkSigner, type SignOptions } from "./links.ts";
import { checkPackageZip, LARGEST_PACKAGE_BYTES } from "./zip.ts";

/** A manifest names one package and at most 20 previous ones. */
const LARGEST_MANIFEST_BYTES = 64 * 1024;

/** The container of published packages: the manifest `current.json`, and one zip per package, named by its SHA-256. */
export interface PackageStore {
  /** Returns the package in the manifest, or the problem of a missing or invalid manifest; throws if the read fails. */
  readCurrent(signal: AbortSignal): Promise<{ readonly package: Package } | { readonly problem: string }>;
  /** Checks that a package exists, that its content matches the hash in its name, and that it is safe to unpack. */
  check(hash: PackageHash, signal: AbortSignal): Promise<PackageCheck>;
  /** Returns a read-only link to one package, after testing it. */
  sign(hash: PackageHash, signal: AbortSignal): Promise<PackageLink>;
}

/** Creates the store. `container` is not called before the first operation. */
export function createPackageStore(container: () => Promise<ContainerClient>, options: SignOptions): PackageStore {
  const checked = new Map<string, { readonly etag: string; readonly check: PackageCheck }>();
  const signer = createLinkSigner(container, options);

  return {
    readCurrent: (signal) =>
      runCall("read current.json", async () => {
        const blob = (await container()).getBlobClient("current.json");
        const answer = await ignoreNotFound("read current.json", () =>
          blob.download(0, undefined, { abortSignal: signal }),
        );
        if (answer === undefined) {
          return {
            problem: "current.json is missing in the package container. Publish a package (npm run dsc:publish).",
          };
        }
        return readManifest(answer.readableStreamBody);
      }),

    check: async (hash, signal) => {
      const blob = (await container()).getBlobClient(`${hash}.zip`);
      const call = `read package ${hash}`;
      const properties = await ignoreNotFound(call, () => blob.getProperties({ abortSignal: signal }));
      if (properties === undefined) {
        return {
          usable: false,
          isRejected: false,
          problem: `${hash}.zip is missing in the package container. Publish the package again (npm run dsc:publish).`,
        };
      }
      const etag = properties.etag ?? "";
      const known = checked.get(hash);
      if (known?.etag === etag && etag !== "") return known.check;
      const size = properties.contentLength ?? 0;
      const check = await runCall(call, () => checkBlob(blob, { hash, size }, signal));
      checked.set(hash, { etag, check });
      return check;
    },

    sign: (hash, signal) => runCall(`sign the link of package ${hash}`, () => signer(hash, signal)),
  };
}

async function readManifest(
  stream: NodeJS.ReadableStream | undefined,
): Promise<{ readonly package: Package } | { readonly problem: string }> {
  try {
    return { package: parseManifest((await readAtMost(stream, LARGEST_MANIFEST_BYTES)).toString("utf8")) };
  } catch (error) {
    if (error instanceof TooLargeError) return { problem: `current.json: ${error.message} Publish a package again.` };
    if (error instanceof TypeError) return { problem: error.message };
    throw error;
  }
}

/** Downloads and checks a package. Reads at most `size` bytes, because the blob may grow after the check of its size. */
async function checkBlob(
  blob: BlobClient,
  { hash, size }: { readonly hash: PackageHash; readonly size: number },
  abortSignal: AbortSignal,
): Promise<PackageCheck> {
  if (size > LARGEST_PACKAGE_BYTES) {
    return {
      usable: false,
      isRejected: true,
      problem: `${hash}.zip has ${size} bytes, and the limit is ${LARGEST_PACKAGE_BYTES}. Publish the package again.`,
    };
  }
  const bytes = await blob.downloadToBuffer(0, size, { abortSignal });
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found === hash) return checkPackageZip(bytes, abortSignal);
  return {
    usable: false,
    isRejected: true,
    problem: `The SHA-256 of ${hash}.zip is ${found}, which is not the hash in its name. Publish the package again.`,
  };
}
