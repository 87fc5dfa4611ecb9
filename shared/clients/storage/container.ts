import type { TokenCredential } from "@azure/identity";
import type { ContainerClient } from "@azure/storage-blob";

/** Creates a client for the blob container at `url`; without a credential, the client sends anonymous requests. */
export async function openContainer(
  url: string,
  credential: (() => Promise<TokenCredential>) | undefined,
): Promise<ContainerClient> {
  const { AnonymousCredential, ContainerClient: Client } = await import("../sdk/blob.ts");
  const retryOptions = { maxTries: 2 };
  return new Client(url, credential ? await credential() : new AnonymousCredential(), { retryOptions });
}
