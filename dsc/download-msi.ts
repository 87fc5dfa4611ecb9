import { createHash, randomUUID } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { LARGEST_PACKAGE_BYTES } from "../shared/clients/packages/zip.ts";
import { NetworkError } from "./explain.ts";
import { makeFolderFor, pathError } from "./option.ts";
import { sha256Of } from "./package.ts";
import type { Exporter } from "./release.ts";
import { reportStalls } from "./stalls.ts";

const MIB = 1024 * 1024;
/** Enough for an MSI of 20 MB over a slow connection. */
const LONGEST_MS = 15 * 60_000;
const PART = ".part";

/** The folder for downloads, and the receiver of progress messages. */
export interface DownloadOptions {
  readonly cache: string;
  readonly say: (line: string) => void;
}

/**
 * Returns an exporter's MSI from the cache, where its name is its hash, or downloads it there. A file with another hash
 * does not stay in the cache, nor does a part of a file. Throws an error that says what was found, what was expected and
 * what to do.
 */
export async function downloadMsi(exporter: Exporter, { cache, say }: DownloadOptions): Promise<Buffer> {
  const file = join(cache, `${exporter.sha256}.msi`);
  makeFolderFor("--cache", cache);
  try {
    await sweepParts(cache);
    const cached = existsSync(file) ? await readFile(file) : undefined;
    if (cached && sha256Of(cached) === exporter.sha256) return cached;
    await replace(file, exporter, { cache, say });
    return await readFile(file);
  } catch (error) {
    if (error instanceof NetworkError || error instanceof WrongContent) throw error;
    throw pathError("--cache", `${cache} cannot be used`, error);
  }
}

/** The error for a download that is not the file of the release. */
class WrongContent extends Error {
  override readonly name = "WrongContent";
}

/** Removes what a download left that was killed. One that runs is younger. */
async function sweepParts(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (!name.endsWith(PART)) continue;
    const path = join(cache, name);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > LONGEST_MS) await rm(path, { force: true });
  }
}

async function replace(file: string, { url, sha256 }: Exporter, { cache, say }: DownloadOptions): Promise<void> {
  const part = join(cache, `${randomUUID()}${PART}`);
  // A signal ends the process without running `finally`.
  const remove = (): void => rmSync(part, { force: true });
  process.once("exit", remove);
  try {
    const found = await reportStalls(url, (alive) => download(url, part, progressOf(say, alive)), say);
    if (found !== sha256) {
      throw new WrongContent(
        `${url}: the download has the SHA-256 ${found}, expected ${sha256}; it was deleted: ` +
          "compare with the publisher's own list of hashes before you change the release",
      );
    }
    await rename(part, file);
  } finally {
    process.off("exit", remove);
    await rm(part, { force: true });
  }
}

/** Streams a download into a file and returns its SHA-256. */
async function download(url: string, file: string, progress: Progress): Promise<string> {
  const sum = createHash("sha256");
  const target = await open(file, "wx");
  try {
    for await (const chunk of read(url, progress)) {
      sum.update(chunk);
      await target.write(chunk);
    }
  } finally {
    await target.close();
  }
  return sum.digest("hex");
}

/** Is told the size that has arrived, of a total that is NaN or 0 if it is unknown. */
type Progress = (size: number, total: number) => void;

/** Reports each tenth of the total once, or nothing if the server does not send the length. */
function progressOf(say: (line: string) => void, alive: () => void): Progress {
  let told = 0;
  return (size, total) => {
    alive();
    const tenths = total > 0 ? Math.floor((10 * size) / total) : 0;
    if (tenths > told) say(`downloaded ${tenths * 10} % of ${(total / MIB).toFixed(1)} MiB`);
    told = tenths;
  };
}

async function* read(url: string, progress: Progress): AsyncGenerator<Uint8Array> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(LONGEST_MS) });
    if (!response.ok) throw new Error(`it answered ${response.status}, expected 200`);
    const total = Number(response.headers.get("content-length"));
    let size = 0;
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > LARGEST_PACKAGE_BYTES) throw new Error("it is longer than any MSI of windows_exporter");
      progress(size, total);
      yield chunk;
    }
  } catch (error) {
    throw failure(url, error);
  }
}

/** Returns an error with the reason, which `fetch` has only in its cause. */
function failure(url: string, error: unknown): Error {
  const { message, cause } = error instanceof Error ? error : new Error(String(error));
  const why = cause instanceof Error ? `${message}: ${cause.message}` : message;
  const otherwise = "check the address and the network, or give the file with --msi FILE";
  return new NetworkError(`${url}: not downloaded: ${why}; ${otherwise}`, { cause: error });
}
