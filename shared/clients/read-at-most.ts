const MIB = 1024 * 1024;

/** Limit of a body in bytes, unless a smaller one is known: what a pass reads into memory at once. */
export const LARGEST_BODY_BYTES = 16 * MIB;

/** A stream of a body. */
type Stream = AsyncIterable<string | Uint8Array> | undefined | null;

/** A body exceeds its limit; reading has stopped. */
export class TooLargeError extends Error {
  override readonly name = "TooLargeError";

  constructor(maxBytes: number) {
    const limit = maxBytes >= MIB ? `${maxBytes / MIB} MiB` : `${maxBytes / 1024} KiB`;
    super(`The body exceeds the limit of ${limit}.`);
  }
}

/** Returns the bytes of a stream; throws a `TooLargeError` as soon as they exceed the limit, and reads no further. */
export async function readAtMost(stream: Stream, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const bytes of atMost(stream, maxBytes)) chunks.push(bytes);
  return Buffer.concat(chunks);
}

/**
 * Does the same as `readAtMost` for a text in UTF-8. Each chunk is decoded as it comes: large buffers, which are outside
 * the heap, would make V8 collect its garbage once or twice for each body of 2 MB.
 */
export async function readTextAtMost(stream: Stream, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  const parts: string[] = [];
  for await (const bytes of atMost(stream, maxBytes)) parts.push(decoder.decode(bytes, { stream: true }));
  return parts.join("") + decoder.decode();
}

async function* atMost(stream: Stream, maxBytes: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of stream ?? []) {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    size += bytes.byteLength;
    if (size > maxBytes) throw new TooLargeError(maxBytes);
    yield bytes;
  }
}
