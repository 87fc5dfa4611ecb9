/** The Entra application that is the audience of AKS's tokens. */
export const AKS_AUDIENCE = "6dae42f8-4368-4678-94ff-3960e28e3630";

/** Returns the Kubernetes user of an access token, which is its object ID; undefined if AKS would reject the token. */
export function userOfToken(token: string, now: number): string | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    const { aud, exp, oid } = claims as { aud: string; exp: number; oid: string };
    return aud === AKS_AUDIENCE && exp * 1000 > now ? oid : undefined;
  } catch {
    return undefined;
  }
}
