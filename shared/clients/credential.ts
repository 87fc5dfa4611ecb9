import type { AccessToken, TokenCredential } from "@azure/identity";
import { parseJson, textIn } from "../model/json.ts";

/** Returns the credential of the app's managed identity; on a developer's machine, of the signed-in user. */
export async function openCredential(): Promise<TokenCredential> {
  const { DefaultAzureCredential } = await import("./sdk/identity.ts");
  return cacheTokens(new DefaultAzureCredential());
}

/** Returns the object ID of the identity, which is in its token; undefined if there is none before the signal. */
export async function readPrincipalId(
  credential: TokenCredential,
  armEndpoint: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const token = await credential.getToken(`${armEndpoint}/.default`, { abortSignal: signal });
    const claims = parseJson(Buffer.from(token?.token.split(".")[1] ?? "", "base64url").toString("utf8"));
    return textIn(claims, "oid");
  } catch {
    return undefined;
  }
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
