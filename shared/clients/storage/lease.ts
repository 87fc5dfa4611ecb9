import type { BlobLeaseClient, ContainerClient } from "@azure/storage-blob";
import { runCall, toCallError } from "../errors.ts";
import { withContainer } from "./records.ts";

const DURATION_S = 60;
const RENEW_EVERY_MS = 20_000;

/** A lease that the app holds: the exclusive right to run a pass. */
export interface Lease {
  /** Aborts when the lease is lost. The pass must then write nothing more. */
  readonly signal: AbortSignal;
  release(): Promise<void>;
}

export interface Leases {
  /** Returns undefined if another worker holds the lease. */
  acquire(name: string, signal: AbortSignal): Promise<Lease | undefined>;
}

/** Creates blob leases of 60 s, renewed every 20 s. The lease of a worker that dies expires within a minute. */
export function createLeases(container: () => Promise<ContainerClient>): Leases {
  return {
    acquire: (name, signal) =>
      runCall(`acquire lease ${name}`, async () => {
        const client = await container();
        const blob = client.getBlockBlobClient(name);
        const lease = blob.getBlobLeaseClient();
        const acquire = () => expectedFault(() => lease.acquireLease(DURATION_S, { abortSignal: signal }));
        let fault = await acquire();
        if (fault === "not-found") {
          // The first pass creates the blob. Another worker may create or lease it first.
          await expectedFault(() =>
            withContainer(client, () => blob.upload("", 0, { conditions: { ifNoneMatch: "*" } })),
          );
          fault = await acquire();
        }
        return fault === "conflict" ? undefined : keepRenewed(name, lease);
      }),
  };
}

/** Returns the fault of a call that fails with a conflict or a missing blob, as expected here; throws other errors. */
async function expectedFault(call: () => Promise<unknown>): Promise<"conflict" | "not-found" | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    const { fault } = toCallError("lease", error);
    if (fault === "conflict" || fault === "not-found") return fault;
    throw error;
  }
}

/** Returns a held lease and renews it until it is released or a renewal fails. */
function keepRenewed(name: string, lease: BlobLeaseClient): Lease {
  const lost = new AbortController();
  const renewing = setInterval(() => {
    lease.renewLease().catch((error: unknown) => {
      clearInterval(renewing);
      lost.abort(toCallError(`renew lease ${name}`, error));
    });
  }, RENEW_EVERY_MS);
  renewing.unref();
  return {
    signal: lost.signal,
    release: async () => {
      clearInterval(renewing);
      // After a failed release, the lease expires within a minute.
      await lease.releaseLease().catch((error: unknown) => lost.abort(toCallError(`release lease ${name}`, error)));
    },
  };
}
