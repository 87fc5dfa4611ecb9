import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { LARGEST_PACKAGE_BYTES } from "../shared/clients/packages/zip.ts";
import { sha256Of } from "./package.ts";
import type { Exporter } from "./release.ts";

const MIB = 1024 * 1024;
/** Enough for an MSI of 20 MB over a slow connection. */
const LONGEST_MS = 15 * 60_000;

/** The folder for downloads, and the receiver of progress messages. */
export interface DownloadOptions {
  readonly cache: string;
  readonly say: (line: string) => void;
}

/**
 * Returns an exporter's MSI from the cache, where its name is its hash, or downloads it there. A file with another hash
 * does not stay in the cache. Throws an error that says what was found, what was expected and what to do.
 */
export async function downloadMsi(exporter: Exporter, { cache, say }: DownloadOptions): Promise<Buffer> {
  const file = join(cache, `${exporter.sha256}.msi`);
  const cached = existsSync(file) ? await readFile(file) : undefined;
  if (cached && sha256Of(cached) === exporter.sha256) return cached;
  await mkdir(cache, { recursive: true });
  const part = join(cache, `${randomUUID()}.part`);
  try {
    const found = await download(exporter.url, part, say);
    if (found !== exporter.sha256) {
      throw new Error(
        `${exporter.url}: the download has the SHA-256 ${found}, expected ${exporter.sha256}; it was deleted: ` +
          "compare with the publisher's own list of hashes before you change the release",
      );
    }
    await rename(part, file);
  } finally {
    await rm(part, { force: true });
  }
  return readFile(file);
}

/** Streams a download into a file and returns its SHA-256. */
async function download(url: string, file: string, say: (line: string) => void): Promise<string> {
  const response = await request(url);
  const progress = createProgress(Number(response.headers.get("content-length")), say);
  const sum = createHash("sha256");
  let size = 0;
  const target = await open(file, "wx");
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > LARGEST_PACKAGE_BYTES) throw new Error("it is longer than any MSI of windows_exporter");
      sum.update(chunk);
      await target.write(chunk);
      progress(size);
    }
  } catch (error) {
    throw failure(url, error);
  } finally {
    await target.close();
  }
  return sum.digest("hex");
}

/** Reports each tenth of `total` bytes once, or nothing if the server does not send the length. */
function createProgress(total: number, say: (line: string) => void): (size: number) => void {
  let told = 0;
  return (size) => {
    const tenths = total > 0 ? Math.floor((10 * size) / total) : 0;
    if (tenths > told) say(`downloaded ${tenths * 10} % of ${(total / MIB).toFixed(1)} MiB`);
    told = tenths;
  };
}

async function request(url: string): Promise<Response> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(LONGEST_MS) });
    if (!response.ok) throw new Error(`it answered ${response.status}, expected 200`);
    return response;
  } catch (error) {
    throw failure(url, error);
  }
}

/** Returns an error with the reason, which `fetch` has only in its cause. */
function failure(url: string, error: unknown): Error {
  const { message, cause } = error instanceof Error ? error : new Error(String(error));
  const why = cause instanceof Error ? `${message}: ${cause.message}` : message;
  const otherwise = "check the address and the network, or give the file with --msi FILE";
  return new Error(`${url}: not downloaded: ${why}; ${otherwise}`, { cause: error });
}
