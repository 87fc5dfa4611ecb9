import type { Caller } from "./engine.ts";
import { ArmError, isRecord } from "./http.ts";

/** Whom the simulator knows; `name` is what the journal shows. */
export interface Principal {
  oid: string;
  name: string;
  assignments: readonly { scope: string; actions: readonly string[] }[];
}

const AUDIENCE = /^https:\/\/management\.(?:azure\.com|core\.windows\.net)\/?$/i;

/** Reads the bearer token, an unsigned JWT: audience, expiry and whose it is. */
export function authenticate(
  authorization: string | undefined,
  principals: readonly Principal[],
  now: number,
): { caller: Caller; principal: Principal } {
  const token = /^Bearer (\S+)$/i.exec(authorization ?? "")?.[1];
  if (token === undefined) throw refused("AuthenticationFailed", "The 'Authorization' header is missing.");
  const claims = claimsOf(token);
  if (!AUDIENCE.test(claims["aud"] ?? "")) {
    throw refused("InvalidAuthenticationTokenAudience", "The access token has been obtained for the wrong audience.");
  }
  if (!(Number(claims["exp"]) * 1000 > now)) {
    throw refused(
      "ExpiredAuthenticationToken",
      "The access token expiry UTC time is earlier than the current UTC time.",
    );
  }
  const principal = principals.find(({ oid }) => oid === claims["oid"]);
  if (!principal) throw refused("InvalidAuthenticationToken", "The access token is invalid.");
  return { caller: { oid: principal.oid, name: principal.name, claims }, principal };
}

function claimsOf(token: string): Record<string, string> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    if (isRecord(claims)) return Object.fromEntries(Object.entries(claims).map(([key, value]) => [key, String(value)]));
  } catch {
    // Not JSON: no claims.
  }
  throw refused("InvalidAuthenticationToken", "The access token is invalid.");
}

function refused(code: string, message: string): ArmError {
  const challenge = `Bearer authorization_uri="https://login.microsoftonline.com/common", error="invalid_token"`;
  return new ArmError(401, { code, message }, { "www-authenticate": challenge });
}
