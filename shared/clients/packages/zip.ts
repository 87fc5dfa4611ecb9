import { crc32 } from "node:zlib";
import type { Entry, ZipFile } from "yauzl";
import { CONFIGURATION } from "../../model/extension.ts";
import type { PackageCheck } from "../../model/package.ts";
import { checkLayout } from "./zip-layout.ts";

const MIB = 1024 * 1024;
/** The maximum size of a package, which the check holds in memory: three times the largest MSI of windows_exporter. */
export const LARGEST_PACKAGE_BYTES = 64 * MIB;
/** The maximum size of a package's files. An MSI is already compressed, so unpacking hardly increases the size. */
export const LARGEST_UNPACKED_BYTES = 2 * LARGEST_PACKAGE_BYTES;
/** The maximum number of files and folders. A package has about ten. */
export const MOST_ENTRIES = 200;

/** The mask of the file type in the Unix mode, the upper half of the external attributes (APPNOTE.TXT 4.4.15). */
const FILE_TYPE = 0o170000;
/** The file types that a package may contain: unset, file and folder. The others are links and devices. */
const ALLOWED_TYPES: ReadonlySet<number> = new Set([0, 0o100000, 0o040000]);
/**
 * Matches what is invalid in a Windows file name, names of devices, which Windows reserves with any extension, short
 * names, which can be a second name of another file, and non-ASCII characters, whose encoding is ambiguous.
 */
const INVALID_NAME =
  /[^ -~]|[:*?"<>|]|[. ](?:\/|$)|(?:^|\/)(?:con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$) *(?:[./]|$)|~\d/iu;
/**
 * The maximum length of a path. Windows PowerShell 5.1 takes paths of up to 259 characters, and the extension unpacks to
 * a folder of about 130: C:\Packages\Plugins\Microsoft.Powershell.DSC\VERSION\DSCWork\HASH.N.
 */
const LONGEST_PATH = 100;

/**
 * Checks that a zip is safe to unpack on a node and has the configuration at its root. Malformed content is a problem
 * in the result; the function throws only if `signal` is aborted.
 */
export async function checkPackageZip(bytes: Buffer, signal: AbortSignal): Promise<PackageCheck> {
  if (bytes.length > LARGEST_PACKAGE_BYTES) return unusable(`it has more than ${LARGEST_PACKAGE_BYTES / MIB} MiB`);
  const { fromBufferPromise } = await import("../sdk/zip.ts");
  try {
    const zip = await fromBufferPromise(bytes, { strictFileNames: true });
    checkLayout(bytes);
    const names = await readEntries(zip, signal);
    if (names.has(CONFIGURATION.script)) return { usable: true };
    return unusable(`${CONFIGURATION.script} is missing in its root folder`);
  } catch (error) {
    signal.throwIfAborted();
    return unusable(error instanceof Error ? error.message : String(error));
  }
}

function unusable(fault: string): PackageCheck {
  return {
    usable: false,
    isRejected: true,
    problem: `The package's zip is invalid: ${fault}. Build the package again and publish it (npm run dsc:publish).`,
  };
}

/** Unpacks all entries to check them, and returns their names; throws at the first invalid entry. */
async function readEntries(zip: ZipFile, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  const keys = new Set<string>();
  let remaining = LARGEST_UNPACKED_BYTES;
  for await (const entry of zip.eachEntry()) {
    checkEntry(entry);
    // On Windows, names are not case-sensitive, and a file and a folder cannot have the same name.
    const key = entry.fileName.toLowerCase().replace(/\/$/, "");
    if (keys.has(key)) throw new Error(`it has more than one entry ${JSON.stringify(entry.fileName)}`);
    if (keys.size === MOST_ENTRIES) throw new Error(`it has more than ${MOST_ENTRIES} entries`);
    keys.add(key);
    names.add(entry.fileName);
    if (!entry.fileName.endsWith("/")) remaining -= await unpack(zip, entry, { remaining, signal });
  }
  return names;
}

/** Throws for entries that yauzl accepts. It rejects `..`, backslashes, absolute paths and drive letters itself. */
function checkEntry(entry: Entry): void {
  const name = JSON.stringify(entry.fileName);
  if (INVALID_NAME.test(entry.fileName)) throw new Error(`${name} is not a valid file name on Windows`);
  if (entry.fileName.length > LONGEST_PATH) throw new Error(`${name} has more than ${LONGEST_PATH} characters`);
  if (entry.isEncrypted()) throw new Error(`${name} is encrypted`);
  if (!ALLOWED_TYPES.has((entry.externalFileAttributes >>> 16) & FILE_TYPE)) {
    throw new Error(`${name} is neither a file nor a folder`);
  }
}

/** Unpacks an entry and returns its size, counted while unpacking because the headers may be wrong. */
async function unpack(
  zip: ZipFile,
  entry: Entry,
  { remaining, signal }: { readonly remaining: number; readonly signal: AbortSignal },
): Promise<number> {
  let size = 0;
  let checksum = 0;
  const stream: AsyncIterable<Buffer> = await zip.openReadStreamPromise(entry);
  for await (const chunk of stream) {
    signal.throwIfAborted();
    size += chunk.length;
    checksum = crc32(chunk, checksum);
    if (size > remaining) throw new Error(`it unpacks to more than ${LARGEST_UNPACKED_BYTES / MIB} MiB`);
  }
  if (checksum !== entry.crc32) throw new Error(`${JSON.stringify(entry.fileName)} has a wrong checksum`);
  return size;
}
