import type { BlobLeaseClient, ContainerClient } from "@azure/storage-blob";
import { calling, toCallError } from "../errors.ts";
import { inContainer } from "./records.ts";

const DURATION_S = 60;
const RENEW_EVERY_MS = 20_000;

/** The exclusive right to run a pass. */
export interface Lease {
  /** Aborts when the right is lost: whoever holds it writes nothing more. */
  readonly signal: AbortSignal;
  release(): Promise<void>;
}

export interface Leases {
  /** Undefined where somebody else holds it. */
  acquire(name: string, signal: AbortSignal): Promise<Lease | undefined>;
}

/** Blob leases of 60 s, renewed every 20 s; a worker that dies frees its own within a minute. */
export function createLeases(container: () => Promise<ContainerClient>): Leases {
  return {
    acquire: (name, signal) =>
      calling(`lease ${name}`, async () => {
        const client = await container();
        const blob = client.getBlockBlobClient(name);
        const lease = blob.getBlobLeaseClient();
        const take = () => faultOf(() => lease.acquireLease(DURATION_S, { abortSignal: signal }));
        let fault = await take();
        if (fault === "not-found") {
          // The first pass makes the blob; another worker may be quicker, at this and at the lease.
          await faultOf(() => inContainer(client, () => blob.upload("", 0, { conditions: { ifNoneMatch: "*" } })));
          fault = await take();
        }
        return fault === "conflict" ? undefined : hold(lease);
      }),
  };
}

/** Conflict and absence are answers here; anything else is a failure. */
async function faultOf(call: () => Promise<unknown>): Promise<"conflict" | "not-found" | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    const { fault } = toCallError("lease", error);
    if (fault === "conflict" || fault === "not-found") return fault;
    throw error;
  }
}

function hold(lease: BlobLeaseClient): Lease {
  const lost = new AbortController();
  const renewing = setInterval(() => {
    lease.renewLease().catch((error: unknown) => {
      clearInterval(renewing);
      lost.abort(toCallError("renew the lease", error));
    });
  }, RENEW_EVERY_MS);
  renewing.unref();
  return {
    signal: lost.signal,
    release: async () => {
      clearInterval(renewing);
      // A lease that is lost already is as good as released; another failure ends it within a minute.
      await lease.releaseLease().catch((error: unknown) => lost.abort(toCallError("release the lease", error)));
    },
  };
}
