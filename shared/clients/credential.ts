import type { AccessToken, TokenCredential } from "@azure/identity";

/** Returns the credential of the app's managed identity; on a developer's machine, of the signed-in user. */
export async function openCredential(): Promise<TokenCredential> {
  const { DefaultAzureCredential } = await import("./sdk/identity.ts");
  return cacheTokens(new DefaultAzureCredential());
}

/**
 * Returns a credential that falls back to the last token, while it is valid, if a new one cannot be requested. The SDKs
 * refresh a token before it expires and do not handle a rejection of that promise: it would end the worker process, and
 * every pass in it.
 */
export function cacheTokens(credential: TokenCredential): TokenCredential {
  const cache = new Map<string, AccessToken>();
  return {
    getToken: async (scopes, options) => {
      const key = JSON.stringify([scopes, options?.claims, options?.tenantId]);
      try {
        const token = await credential.getToken(scopes, options);
        if (token) cache.set(key, token);
        return token;
      } catch (error) {
        const token = cache.get(key);
        if (token && token.expiresOnTimestamp > Date.now()) return token;
        throw error;
      }
    },
  };
}
