import type { TokenCredential } from "@azure/identity";
import type { ContainerClient, UserDelegationKey } from "@azure/storage-blob";
import type { PackageHash } from "../../model/package.ts";
import type { PackageLink } from "../arm/scale-sets.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Links start, and count as expired, 15 minutes early: clocks can differ by that much either way (Azure Storage). */
const SKEW_MS = 15 * MINUTE_MS;
/** The lifetime of a user delegation key and its links. Azure Storage rejects a request for more than 7 days. */
const MAX_LIFETIME_MS = 7 * DAY_MS - SKEW_MS;
/** A key with less time left is replaced: its links expire with it, and would need renewal too soon. */
const MIN_KEY_LIFETIME_MS = 6 * DAY_MS;

export interface SignOptions {
  readonly credential: () => Promise<TokenCredential>;
  /** Whether nodes read the package without a credential, so that its link needs no signature and does not expire. */
  readonly isAnonymous: boolean;
}

/** Returns a function that signs and tests a read-only user delegation SAS for one blob. Only the key is cached. */
export function createLinkSigner(
  container: () => Promise<ContainerClient>,
  { credential, isAnonymous }: SignOptions,
): (hash: PackageHash, signal: AbortSignal) => Promise<PackageLink> {
  let key: UserDelegationKey | undefined;
  return async (hash, signal) => {
    const client = await container();
    const blobUrl = client.getBlobClient(`${hash}.zip`).url;
    if (isAnonymous) {
      await testLink(blobUrl, signal);
      return { query: undefined, expiresAt: undefined };
    }
    const now = Date.now();
    if (!key || key.signedExpiresOn.getTime() - now < MIN_KEY_LIFETIME_MS) {
      key = await requestKey(client, await credential(), signal);
    }
    const expiresAt = Math.min(now + MAX_LIFETIME_MS, key.signedExpiresOn.getTime());
    const query = await signQuery(client, `${hash}.zip`, { key, startsAt: now - SKEW_MS, expiresAt });
    await testLink(`${blobUrl}${query}`, signal);
    return { query, expiresAt: new Date(expiresAt - SKEW_MS) };
  };
}

async function requestKey(
  client: ContainerClient,
  credential: TokenCredential,
  abortSignal: AbortSignal,
): Promise<UserDelegationKey> {
  const { BlobServiceClient } = await import("../sdk/blob.ts");
  const accountUrl = client.url.slice(0, client.url.lastIndexOf("/"));
  const service = new BlobServiceClient(accountUrl, credential, { retryOptions: { maxTries: 2 } });
  const now = Date.now();
  return service.getUserDelegationKey(new Date(now - SKEW_MS), new Date(now + MAX_LIFETIME_MS), { abortSignal });
}

async function signQuery(
  { containerName, accountName }: ContainerClient,
  blobName: string,
  { key, startsAt, expiresAt }: { key: UserDelegationKey; startsAt: number; expiresAt: number },
): Promise<string> {
  const { BlobSASPermissions, SASProtocol, generateBlobSASQueryParameters } = await import("../sdk/blob.ts");
  const permissions = BlobSASPermissions.parse("r");
  const times = { startsOn: new Date(startsAt), expiresOn: new Date(expiresAt) };
  const values = { containerName, blobName, permissions, protocol: SASProtocol.Https, ...times };
  return `?${generateBlobSASQueryParameters(values, key, accountName).toString()}`;
}

/** Downloads one byte of the package as a node does, without a credential; throws if the link does not work. */
async function testLink(url: string, abortSignal: AbortSignal): Promise<void> {
  const { AnonymousCredential, BlobClient } = await import("../sdk/blob.ts");
  const blob = new BlobClient(url, new AnonymousCredential(), { retryOptions: { maxTries: 2 } });
  await blob.downloadToBuffer(0, 1, { abortSignal });
}
