import { type Zippable, zipSync } from "fflate";
import { LARGEST_UNPACKED_BYTES, MOST_ENTRIES } from "../../shared/clients/packages/zip.ts";
import { TRICKY_ZIPS } from "./tricky-zips.ts";

const SCRIPT = { "WindowsExporter.ps1": Buffer.from("Configuration WindowsExporter { }\n") };
const CENTRAL = Buffer.from("PK\u0001\u0002");
const LOCAL = Buffer.from("PK\u0003\u0004");

/** Returns a zip with the configuration and other entries. */
export function zipWith(more: Zippable): Buffer {
  return Buffer.from(zipSync({ ...SCRIPT, ...more }, { level: 9 }));
}

/** Overwrites bytes of the first entry's central header and, at another offset, of its local header. */
function patch(zip: Buffer, value: readonly number[], offsets: { central: number; local: number }): Buffer {
  const copy = Buffer.from(zip);
  copy.set(value, copy.indexOf(CENTRAL) + offsets.central);
  copy.set(value, copy.indexOf(LOCAL) + offsets.local);
  return copy;
}

const file = Buffer.from("x");
const many = Object.fromEntries(Array.from({ length: MOST_ENTRIES }, (_, index) => [`f${index}`, file]));

/** Zips that are no valid package, with their errors; offsets are those of APPNOTE.TXT 4.3.7 and 4.3.12. */
export const BAD_ZIPS: readonly (readonly [what: string, says: RegExp, make: () => Buffer])[] = [
  [
    "that unpacks to more than the maximum",
    /more than 128 MiB/,
    () => zipWith({ bomb: Buffer.alloc(LARGEST_UNPACKED_BYTES) }),
  ],
  [
    "whose content is larger than its headers say",
    /too many bytes/,
    () => patch(zipWith({}), [1, 0, 0, 0], { central: 24, local: 22 }),
  ],
  ["with too many entries", /more than 200 entries/, () => zipWith(many)],
  ["with a path that leaves its folder", /\.\.\/evil/, () => zipWith({ "a/../../evil.ps1": file })],
  ["with an absolute path", /absolute path/, () => zipWith({ "/evil.ps1": file })],
  ["with a drive", /absolute path/, () => zipWith({ "C:/evil.ps1": file })],
  ["with a backslash", /invalid characters/, () => zipWith({ "AksWindowsMetrics\\evil.ps1": file })],
  ["with an alternate data stream", /not a valid file name on Windows/, () => zipWith({ "a.ps1:hidden": file })],
  [
    "with a name that Windows shortens",
    /not a valid file name on Windows/,
    () => zipWith({ "WindowsExporter.ps1 ": file }),
  ],
  ...["con", "AksWindowsMetrics/NUL.ps1", "aux .txt", "a/com1/b.ps1", "LPT9.tar.gz", "conout$", "WINDOW~1.PS1"].map(
    (name) => [`with the name ${name}`, /not a valid file name on Windows/, () => zipWith({ [name]: file })] as const,
  ),
  ["with a path that is too long", /has more than 100 characters/, () => zipWith({ [`a/${"b".repeat(99)}`]: file })],
  ["with a link", /neither a file nor a folder/, () => zipWith({ link: [file, { os: 3, attrs: 0o120777 * 65_536 }] })],
  ["with an encrypted file", /is encrypted/, () => patch(zipWith({}), [1], { central: 8, local: 6 })],
  ["with a name twice, in different case", /has more than one entry/, () => zipWith({ "windowsexporter.PS1": file })],
  ["with a folder named like a file", /has more than one entry/, () => zipWith({ a: file, "a/": new Uint8Array() })],
  ["with a wrong checksum", /checksum/, () => patch(zipWith({}), [1, 2, 3, 4], { central: 16, local: 14 })],
  ["without the configuration at its root", /WindowsExporter.ps1 is missing/, () => zipInFolder()],
  ["that is truncated", /[Ee]nd of [Cc]entral/, () => zipWith({}).subarray(0, 60)],
  ["that is not a zip", /[Ee]nd of [Cc]entral/, () => Buffer.from("no zip at all")],
  ...TRICKY_ZIPS,
  ["that is empty", /[Ee]nd of [Cc]entral/, () => Buffer.alloc(0)],
];

function zipInFolder(): Buffer {
  return Buffer.from(zipSync({ package: SCRIPT }));
}
