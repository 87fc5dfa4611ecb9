import type { TokenCredential } from "@azure/identity";
import type { ContainerClient, UserDelegationKey } from "@azure/storage-blob";
import type { PackageHash } from "../../model/package.ts";
import type { PackageLink } from "../arm/scale-sets.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Clocks differ by up to 15 minutes either way (Azure Storage): a link begins and is taken to end by so much earlier. */
const SKEW_MS = 15 * MINUTE_MS;
/** A user-delegation key and its links live at most 7 days from now; the skew keeps the request valid. */
const LONGEST_MS = 7 * DAY_MS - SKEW_MS;
/** A key with less left would make links that are short of half a week too soon. */
const KEY_LEFT_AT_LEAST_MS = 6 * DAY_MS;

export interface SignOptions {
  readonly credential: () => Promise<TokenCredential>;
  /** The package is read by its plain address: nothing is signed, and nothing ends. */
  readonly isAnonymous: boolean;
}

/** Signs user-delegation links: read-only, one blob. Keys are kept per worker, links nowhere. */
export function createLinkSigner(
  container: () => Promise<ContainerClient>,
  { credential, isAnonymous }: SignOptions,
): (hash: PackageHash, signal: AbortSignal) => Promise<PackageLink> {
  let key: UserDelegationKey | undefined;
  return async (hash, signal) => {
    const client = await container();
    const blobUrl = client.getBlobClient(`${hash}.zip`).url;
    if (isAnonymous) {
      await tryLink(blobUrl, signal);
      return { query: undefined, expiresAt: undefined };
    }
    const now = Date.now();
    if (!key || key.signedExpiresOn.getTime() - now < KEY_LEFT_AT_LEAST_MS) {
      key = await requestKey(client, await credential(), signal);
    }
    const expiresAt = Math.min(now + LONGEST_MS, key.signedExpiresOn.getTime());
    const query = await signQuery(client, `${hash}.zip`, { key, startsAt: now - SKEW_MS, expiresAt });
    await tryLink(`${blobUrl}${query}`, signal);
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
  return service.getUserDelegationKey(new Date(now - SKEW_MS), new Date(now + LONGEST_MS), { abortSignal });
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

/** As a node does: without a credential. One byte is enough to know whether it opens. */
async function tryLink(url: string, abortSignal: AbortSignal): Promise<void> {
  const { AnonymousCredential, BlobClient } = await import("../sdk/blob.ts");
  const blob = new BlobClient(url, new AnonymousCredential(), { retryOptions: { maxTries: 2 } });
  await blob.downloadToBuffer(0, 1, { abortSignal });
}
