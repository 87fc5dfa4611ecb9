import type { BlockBlobClient, ContainerClient } from "@azure/storage-blob";
import { parseJson } from "../../model/json.ts";
import { runCall, toCallError } from "../errors.ts";
import { LARGEST_BODY_BYTES, readAtMost, TooLargeError } from "../read-at-most.ts";

/** A stored JSON value and the version that was read. */
interface StoredRecord {
  /** Undefined if the blob exceeds its limit or is not valid JSON. */
  readonly value: unknown;
  readonly etag: string;
}

/** The precondition of a write: the blob has this version, it does not exist, or there is no precondition. */
type Expected = { readonly etag: string } | "absent" | "any";

/** JSON blobs in the app's own container. The first write creates the container. */
export interface Records {
  /** Returns undefined if the blob does not exist; reads at most `LARGEST_BODY_BYTES`. */
  read(name: string, signal: AbortSignal): Promise<StoredRecord | undefined>;
  /** Returns the new version; throws a `CallError` with fault `conflict` if the precondition does not hold. */
  write(name: string, value: unknown, expected: Expected, signal: AbortSignal): Promise<string>;
  /** Deletes the blob if it still has this version; returns false if it was changed or deleted. */
  remove(name: string, etag: string, signal: AbortSignal): Promise<boolean>;
}

/** Creates the records. `container` is not called before the first operation. */
export function createRecords(container: () => Promise<ContainerClient>): Records {
  return {
    read: (name, signal) =>
      runCall(`read ${name}`, async () => {
        const blob = (await container()).getBlobClient(name);
        try {
          const answer = await blob.download(0, undefined, { abortSignal: signal });
          return { value: await valueOf(answer.readableStreamBody), etag: answer.etag ?? "" };
        } catch (error) {
          if (toCallError(name, error).fault === "not-found") return undefined;
          throw error;
        }
      }),

    write: (name, value, expected, signal) =>
      runCall(`write ${name}`, async () => {
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
        const answer = await withContainer(client, () => upload(client.getBlockBlobClient(name)));
        return answer.etag ?? "";
      }),

    remove: (name, etag, signal) =>
      runCall(`delete ${name}`, async () => {
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

/** Runs a write. If the container does not exist, creates the container and runs the write again. */
export async function withContainer<T>(client: ContainerClient, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (toCallError(client.containerName, error).code !== "ContainerNotFound") throw error;
    await client.createIfNotExists();
    return write();
  }
}

/** A blob that is too large reads as one that is not JSON: the next write replaces it. */
async function valueOf(stream: NodeJS.ReadableStream | undefined): Promise<unknown> {
  try {
    return parseJson((await readAtMost(stream, LARGEST_BODY_BYTES)).toString("utf8"));
  } catch (error) {
    if (error instanceof TooLargeError) return undefined;
    throw error;
  }
}
