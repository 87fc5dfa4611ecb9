const MIB = 1024 * 1024;

/** Limit of a body in bytes, unless a smaller one is known: what a pass reads into memory at once. */
export const LARGEST_BODY_BYTES = 16 * MIB;

/** A body exceeds its limit; reading has stopped. */
export class TooLargeError extends Error {
  override readonly name = "TooLargeError";

  constructor(maxBytes: number) {
    const limit = maxBytes >= MIB ? `${maxBytes / MIB} MiB` : `${maxBytes / 1024} KiB`;
    super(`The body exceeds the limit of ${limit}.`);
  }
}

/** Returns the bytes of a stream; throws a `TooLargeError` as soon as they exceed the limit, and reads no further. */
export async function readAtMost(
  stream: AsyncIterable<string | Uint8Array> | undefined,
  maxBytes: number,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream ?? []) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > maxBytes) throw new TooLargeError(maxBytes);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks, size);
}
