import { createHash } from "node:crypto";
import type { BlobClient, ContainerClient } from "@azure/storage-blob";
import type { Package, PackageCheck, PackageHash } from "../../model/package.ts";
import { parseManifest } from "../../model/package.ts";
import type { PackageLink } from "../arm/scale-sets.ts";
import { calling, unlessAbsent } from "../errors.ts";
import { type SignOptions, createLinkSigner } from "./links.ts";
import { LARGEST_PACKAGE_BYTES, checkPackageZip } from "./zip.ts";

/** The container that packages are published to: `current.json`, and one zip per package, named by its SHA-256. */
export interface PackageStore {
  /** The manifest's package; what is wrong with the manifest is a problem, an outage is thrown. */
  readCurrent(signal: AbortSignal): Promise<{ readonly package: Package } | { readonly problem: string }>;
  /** Whether a package's blob can be read, is what its name says, and unpacks without harm. */
  check(hash: PackageHash, signal: AbortSignal): Promise<PackageCheck>;
  /** Signs a read-only link to one package and tries it. */
  sign(hash: PackageHash, signal: AbortSignal): Promise<PackageLink>;
}

/** `container` is made at its first use. */
export function createPackageStore(container: () => Promise<ContainerClient>, options: SignOptions): PackageStore {
  const hashed = new Map<string, { readonly etag: string; readonly check: PackageCheck }>();
  const signer = createLinkSigner(container, options);

  return {
    readCurrent: (signal) =>
      calling("read current.json", async () => {
        const blob = (await container()).getBlobClient("current.json");
        const read = await unlessAbsent("read current.json", () =>
          blob.downloadToBuffer(0, undefined, { abortSignal: signal }),
        );
        if (read === undefined) {
          return { problem: "current.json is missing in the package container; publish a package" };
        }
        return parse(read.toString("utf8"));
      }),

    check: async (hash, signal) => {
      const blob = (await container()).getBlobClient(`${hash}.zip`);
      const call = `read package ${hash}`;
      const properties = await unlessAbsent(call, () => blob.getProperties({ abortSignal: signal }));
      if (properties === undefined) {
        return { usable: false, problem: `package ${hash}.zip is missing in the package container` };
      }
      const etag = properties.etag ?? "";
      const known = hashed.get(hash);
      if (known?.etag === etag && etag !== "") return known.check;
      const size = properties.contentLength ?? 0;
      const check = await calling(call, () => checkBlob(blob, { hash, size }, signal));
      hashed.set(hash, { etag, check });
      return check;
    },

    sign: (hash, signal) => calling(`sign the link of package ${hash}`, () => signer(hash, signal)),
  };
}

function parse(text: string): { readonly package: Package } | { readonly problem: string } {
  try {
    return { package: parseManifest(text) };
  } catch (error) {
    if (error instanceof TypeError) return { problem: error.message };
    throw error;
  }
}

/** No more than `size` is read, should the blob have grown meanwhile. */
async function checkBlob(
  blob: BlobClient,
  { hash, size }: { readonly hash: PackageHash; readonly size: number },
  abortSignal: AbortSignal,
): Promise<PackageCheck> {
  if (size > LARGEST_PACKAGE_BYTES) {
    return {
      usable: false,
      problem: `${hash}.zip has ${size} bytes, more than any package (${LARGEST_PACKAGE_BYTES})`,
    };
  }
  const bytes = await blob.downloadToBuffer(0, size, { abortSignal });
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found === hash) return checkPackageZip(bytes, abortSignal);
  return { usable: false, problem: `the content of ${hash}.zip has another hash, ${found}; publish the package again` };
}
