import { crc32 } from "node:zlib";
import { type Zippable, zipSync } from "fflate";

const SCRIPT = "WindowsExporter.ps1";
const file = Buffer.from("x");
const base: Zippable = { [SCRIPT]: Buffer.from("Configuration WindowsExporter { }\n") };
const zipOf = (more: Zippable): Buffer => Buffer.from(zipSync({ ...base, ...more }, { level: 0 }));

/** Returns the offsets of a zip's local headers, central headers and end (APPNOTE.TXT 4.3.7, 4.3.12, 4.3.16). */
function recordsOf(zip: Buffer): { locals: readonly number[]; centrals: readonly number[]; end: number } {
  const all = (mark: string): number[] => {
    const found: number[] = [];
    for (let at = zip.indexOf(mark); at >= 0; at = zip.indexOf(mark, at + 1)) found.push(at);
    return found;
  };
  return {
    locals: all("PK\u0003\u0004"),
    centrals: all("PK\u0001\u0002"),
    end: zip.lastIndexOf("PK\u0005\u0006"),
  };
}

/** Returns a zip after a change at the offsets of its records. */
function changed(more: Zippable, change: (zip: Buffer, at: ReturnType<typeof recordsOf>) => void): Buffer {
  const zip = zipOf(more);
  change(zip, recordsOf(zip));
  return zip;
}

/** Returns a name that some readers use instead of the entry's own (Info-ZIP's Unicode path, APPNOTE.TXT 4.6.9). */
function unicodePath(own: string, shown: string): Buffer {
  const head = Buffer.alloc(5);
  head[0] = 1;
  head.writeUInt32LE(crc32(Buffer.from(own)), 1);
  return Buffer.concat([head, Buffer.from(shown)]);
}

/** Returns a zip without the last entry's central header: its content is in the zip, but not in the directory. */
function withHidden(): Buffer {
  const zip = zipOf({ "hidden.ps1": file });
  const { centrals, end } = recordsOf(zip);
  const last = centrals.at(-1) ?? 0;
  const tail = Buffer.from(zip.subarray(end));
  tail.writeUInt16LE(1, 8);
  tail.writeUInt16LE(1, 10);
  tail.writeUInt32LE(last - (centrals[0] ?? 0), 12);
  return Buffer.concat([zip.subarray(0, last), tail]);
}

/** Zips that two programs can read differently, with their errors: a node does not unpack with the app's library. */
export const TRICKY_ZIPS: readonly (readonly [what: string, says: RegExp, make: () => Buffer])[] = [
  [
    "with a second name for a file",
    /extra field/,
    () => zipOf({ "../evil.ps1": [file, { extra: { 0x7075: unicodePath("../evil.ps1", "good.ps1") } }] }),
  ],
  [
    "with another name in the local header",
    /local header/,
    () =>
      changed({ "AksWindowsMetrics/good.ps1": file }, (zip, { locals }) => zip.write("evil/", (locals[1] ?? 0) + 30)),
  ],
  [
    "with another size in the local header",
    /local header/,
    () => changed({ a: file }, (zip, { locals }) => zip.writeUInt32LE(0, (locals[1] ?? 0) + 18)),
  ],
  [
    "with sizes after the content",
    /flags/,
    () =>
      changed({ a: file }, (zip, { locals, centrals }) => {
        zip.writeUInt16LE(8, (locals[1] ?? 0) + 6);
        zip.writeUInt16LE(8, (centrals[1] ?? 0) + 8);
      }),
  ],
  [
    "with 64-bit sizes",
    /extra field/,
    () => {
      const sizes = Buffer.alloc(16);
      sizes.writeUInt32LE(1, 0);
      sizes.writeUInt32LE(1, 8);
      return changed({ a: [file, { extra: { 1: sizes } }] }, (zip, { centrals }) =>
        zip.fill(0xff, (centrals[1] ?? 0) + 20, (centrals[1] ?? 0) + 28),
      );
    },
  ],
  [
    "with two entries for the same content",
    /does not start where/,
    () =>
      changed({ a: file, b: file }, (zip, { locals, centrals }) =>
        zip.writeUInt32LE(locals[1] ?? 0, (centrals[2] ?? 0) + 42),
      ),
  ],
  ["with a file that is not in the directory", /does not start where/, withHidden],
  [
    "with a comment",
    /after its end record/,
    () => {
      const zip = Buffer.concat([zipOf({}), Buffer.from("comment")]);
      zip.writeUInt16LE(7, recordsOf(zip).end + 20);
      return zip;
    },
  ],
  ["with a non-ASCII name", /not a valid file name on Windows|flags/, () => zipOf({ "\u00e9.ps1": file })],
  ["with data after its end", /[Ii]nvalid comment length/, () => Buffer.concat([zipOf({}), file])],
  ["with a comment on a file", /comment/, () => zipOf({ a: [file, { comment: "comment" }] })],
];
