import type { BlockBlobClient, ContainerClient } from "@azure/storage-blob";
import { calling, toCallError } from "../errors.ts";

/** A stored JSON value and the version of it that was read. */
export interface StoredRecord {
  readonly value: unknown;
  readonly etag: string;
}

/** What a write wants to find: a certain version, nothing, or it does not matter. */
type Expected = { readonly etag: string } | "absent" | "any";

/** JSON blobs in the app's own container, which is made when it is missing. */
export interface Records {
  /** Undefined where there is none, or where it is not JSON any more. */
  read(name: string, signal: AbortSignal): Promise<StoredRecord | undefined>;
  /** Returns the new version; a `CallError` of fault conflict where another one was found. */
  write(name: string, value: unknown, expected: Expected, signal: AbortSignal): Promise<string>;
  /** Removes exactly this version; false where it was changed meanwhile. */
  remove(name: string, etag: string, signal: AbortSignal): Promise<boolean>;
}

/** `container` is made at its first use. */
export function createRecords(container: () => Promise<ContainerClient>): Records {
  return {
    read: (name, signal) =>
      calling(`read ${name}`, async () => {
        const blob = (await container()).getBlobClient(name);
        try {
          const answer = await blob.download(0, undefined, { abortSignal: signal });
          return { value: parse(await textOf(answer.readableStreamBody)), etag: answer.etag ?? "" };
        } catch (error) {
          if (toCallError(name, error).fault === "not-found") return undefined;
          throw error;
        }
      }),

    write: (name, value, expected, signal) =>
      calling(`write ${name}`, async () => {
        const text = JSON.stringify(value);
        const client = await container();
        const conditions =
          expected === "any" ? {} : expected === "absent" ? { ifNoneMatch: "*" } : { ifMatch: expected.etag };
        const upload = (blob: BlockBlobClient) =>
          blob.upload(text, Buffer.byteLength(text), {
            abortSignal: signal,
            conditions,
            blobHTTPHeaders: { blobContentType: "application/json" },
          });
        const answer = await inContainer(client, () => upload(client.getBlockBlobClient(name)));
        return answer.etag ?? "";
      }),

    remove: (name, etag, signal) =>
      calling(`remove ${name}`, async () => {
        const blob = (await container()).getBlobClient(name);
        try {
          await blob.delete({ abortSignal: signal, conditions: { ifMatch: etag } });
          return true;
        } catch (error) {
          const { fault } = toCallError(name, error);
          if (fault === "not-found" || fault === "conflict") return false;
          throw error;
        }
      }),
  };
}

/** Runs a write; where the container is missing, as on the first day, makes it and runs the write again. */
export async function inContainer<T>(client: ContainerClient, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (toCallError(client.containerName, error).code !== "ContainerNotFound") throw error;
    await client.createIfNotExists();
    return write();
  }
}

/** A blob that is not JSON is as good as none: what is in it is derived, and is written anew. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function textOf(stream: NodeJS.ReadableStream | undefined): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}
