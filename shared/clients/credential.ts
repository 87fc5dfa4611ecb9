import type { AccessToken, TokenCredential } from "@azure/identity";

/** The identity of the function app, or of whoever runs the app elsewhere. */
export async function openCredential(): Promise<TokenCredential> {
  const { DefaultAzureCredential } = await import("./sdk/identity.ts");
  return keepTokens(new DefaultAzureCredential());
}

/**
 * Answers with the last token while that is valid, where no new one is to be had. The SDKs refresh a token some time
 * before it ends and let that promise float: a rejection of it would end the worker with every pass in it.
 */
export function keepTokens(credential: TokenCredential): TokenCredential {
  const kept = new Map<string, AccessToken>();
  return {
    getToken: async (scopes, options) => {
      const key = JSON.stringify([scopes, options?.claims, options?.tenantId]);
      try {
        const token = await credential.getToken(scopes, options);
        if (token) kept.set(key, token);
        return token;
      } catch (error) {
        const token = kept.get(key);
        if (token && token.expiresOnTimestamp > Date.now()) return token;
        throw error;
      }
    },
  };
}
