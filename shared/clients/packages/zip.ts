import { crc32 } from "node:zlib";
import type { Entry, ZipFile } from "yauzl";
import { CONFIGURATION } from "../../model/extension.ts";
import type { PackageCheck } from "../../model/package.ts";
import { checkLayout } from "./zip-layout.ts";

const MIB = 1024 * 1024;
/** Bytes of a package's blob, which is held in memory for its check: three times the largest MSI of windows_exporter. */
export const LARGEST_PACKAGE_BYTES = 64 * MIB;
/** Bytes of all its files together: an MSI is compressed already, so that a package hardly grows. */
export const LARGEST_UNPACKED_BYTES = 2 * LARGEST_PACKAGE_BYTES;
/** Files and folders of a package: it has about ten. */
export const MOST_ENTRIES = 200;

/** The type of a file in its Unix mode, which is the upper half of the external attributes (APPNOTE.TXT 4.4.15). */
const FILE_TYPE = 0o170000;
/** Not set, a file, a folder: anything else is a link or a device. */
const PLAIN_TYPES: ReadonlySet<number> = new Set([0, 0o100000, 0o040000]);
/** Characters and endings that no file name of Windows has, a stream's colon among them, or that have two encodings. */
const NOT_A_WINDOWS_NAME = /[^ -~]|[:*?"<>|]|[. ](?:\/|$)/u;

/**
 * Whether a zip can be unpacked on a node without harm, and has the configuration at its root. Never throws for bad
 * content, however malformed; throws when `signal` is aborted.
 */
export async function checkPackageZip(bytes: Buffer, signal: AbortSignal): Promise<PackageCheck> {
  if (bytes.length > LARGEST_PACKAGE_BYTES) return unusable(`it has more than ${LARGEST_PACKAGE_BYTES / MIB} MiB`);
  const { fromBufferPromise } = await import("../sdk/zip.ts");
  try {
    const zip = await fromBufferPromise(bytes, { strictFileNames: true });
    checkLayout(bytes);
    const names = await readEntries(zip, signal);
    if (names.has(CONFIGURATION.script)) return { usable: true };
    return unusable(`${CONFIGURATION.script} is missing at its root`);
  } catch (error) {
    signal.throwIfAborted();
    return unusable(error instanceof Error ? error.message : String(error));
  }
}

function unusable(fault: string): PackageCheck {
  return { usable: false, problem: `the package's zip is refused: ${fault}; build it again and publish it` };
}

/** Names of all entries, each one unpacked; throws at the first that is refused. */
async function readEntries(zip: ZipFile, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  const folded = new Set<string>();
  let left = LARGEST_UNPACKED_BYTES;
  for await (const entry of zip.eachEntry()) {
    checkEntry(entry);
    // To Windows a name is the same in either case, and as a folder.
    const fold = entry.fileName.toLowerCase().replace(/\/$/, "");
    if (folded.has(fold)) throw new Error(`${JSON.stringify(entry.fileName)} is in it twice`);
    if (folded.size === MOST_ENTRIES) throw new Error(`it has more than ${MOST_ENTRIES} entries`);
    folded.add(fold);
    names.add(entry.fileName);
    if (!entry.fileName.endsWith("/")) left -= await unpack(zip, entry, { left, signal });
  }
  return names;
}

/** What yauzl lets pass; it refuses `..`, backslashes, absolute paths and those with a drive itself. */
function checkEntry(entry: Entry): void {
  const name = JSON.stringify(entry.fileName);
  if (NOT_A_WINDOWS_NAME.test(entry.fileName)) throw new Error(`${name} is no name of a file on Windows`);
  if (entry.isEncrypted()) throw new Error(`${name} is encrypted`);
  if (!PLAIN_TYPES.has((entry.externalFileAttributes >>> 16) & FILE_TYPE)) {
    throw new Error(`${name} is neither a file nor a folder`);
  }
}

/** Counts the bytes that really come out, whatever the headers say. */
async function unpack(
  zip: ZipFile,
  entry: Entry,
  { left, signal }: { readonly left: number; readonly signal: AbortSignal },
): Promise<number> {
  let size = 0;
  let sum = 0;
  const stream: AsyncIterable<Buffer> = await zip.openReadStreamPromise(entry);
  for await (const chunk of stream) {
    signal.throwIfAborted();
    size += chunk.length;
    sum = crc32(chunk, sum);
    if (size > left) throw new Error(`it unpacks to more than ${LARGEST_UNPACKED_BYTES / MIB} MiB`);
  }
  if (sum !== entry.crc32) throw new Error(`${JSON.stringify(entry.fileName)} does not have its checksum`);
  return size;
}
