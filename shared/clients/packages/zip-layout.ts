/** The fixed lengths of the local and central headers and of the end record (APPNOTE.TXT 4.3.7, 4.3.12, 4.3.16). */
const LOCAL = 30;
const CENTRAL = 46;
const END = 22;
const CENTRAL_SIGNATURE = 0x02014b50;
const END_SIGNATURE = 0x06054b50;
/** Bits 1 and 2 are options of the compressor. Bit 0 is encryption, which `checkPackageZip` rejects by itself. */
const ALLOWED_FLAGS = 0b111;

/**
 * Throws if a zip is not laid out as the builder does it: files without gaps, the central directory, the end record. A
 * zip states names and sizes more than once and has room for extra fields, and the node unpacks it with another program
 * than this one. A strict layout excludes zips that the two programs would read differently.
 */
export function checkLayout(bytes: Buffer): void {
  const end = bytes.length - END;
  if (end < 0 || bytes.readUInt32LE(end) !== END_SIGNATURE) throw new Error("it has data after its end record");
  const directory = bytes.readUInt32LE(end + 16);
  let [local, central, count] = [0, directory, 0];
  while (central + CENTRAL <= end && bytes.readUInt32LE(central) === CENTRAL_SIGNATURE) {
    const nameLength = bytes.readUInt16LE(central + 28);
    checkEntry(bytes, { local, central, nameLength });
    local += LOCAL + nameLength + bytes.readUInt32LE(central + 20);
    central += CENTRAL + nameLength;
    count += 1;
  }
  if (local !== directory) throw new Error("its central directory does not start where the last file ends");
  const isWhole = central === end && bytes.readUInt32LE(end + 12) === end - directory;
  const counts = [bytes.readUInt16LE(end + 8), bytes.readUInt16LE(end + 10)];
  if (!isWhole || counts.some((each) => each !== count)) {
    throw new Error("its end record does not match its central directory");
  }
}

/** Throws unless an entry's central header and its local header agree. */
function checkEntry(
  bytes: Buffer,
  { local, central, nameLength }: { readonly local: number; readonly central: number; readonly nameLength: number },
): void {
  const name = bytes.subarray(central + CENTRAL, central + CENTRAL + nameLength);
  const refuse = (why: string): never => {
    throw new Error(`${JSON.stringify(name.toString("latin1"))} ${why}`);
  };
  if (bytes.readUInt16LE(central + 30) !== 0) refuse("has an extra field");
  if (bytes.readUInt16LE(central + 32) !== 0) refuse("has a comment");
  if ((bytes.readUInt16LE(central + 8) & ~ALLOWED_FLAGS) !== 0) refuse("has unsupported flags");
  if (bytes.readUInt32LE(central + 42) !== local) refuse("does not start where the previous file ends");
  // The two headers have the same fields, from the version needed to extract to the length of the extra field.
  const isSame = bytes.subarray(central + 6, central + 32).equals(bytes.subarray(local + 4, local + LOCAL));
  const isNamed = name.equals(bytes.subarray(local + LOCAL, local + LOCAL + nameLength));
  if (!isSame || !isNamed) refuse("has a local header that differs from its central header");
}
