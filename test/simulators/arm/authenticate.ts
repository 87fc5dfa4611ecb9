import { ArmError, isRecord, parseJson } from "./http.ts";

/** A role assignment: its scope, the actions of its role and, if known, the name of the role. */
export type Assignment = { scope: string; actions: readonly string[]; role?: string };

/** A principal that the simulator accepts tokens of; the journal shows its `name`. */
export interface Principal {
  oid: string;
  name: string;
  assignments: readonly Assignment[];
}

/** The caller of a request: a principal with the claims of its token, or AKS itself. */
export type Caller = Principal & { claims: Readonly<Record<string, unknown>> };

const AUDIENCE = /^https:\/\/management\.(?:azure\.com|core\.windows\.net)\/?$/i;

/** Returns the caller that a bearer token (an unsigned JWT) identifies, after checking audience and expiry. */
export function authenticate(authorization = "", principals: readonly Principal[], now: number): Caller {
  const token = /^Bearer (\S+)$/i.exec(authorization)?.[1];
  if (token === undefined) throw refused("AuthenticationFailed", "The 'Authorization' header is missing.");
  const payload = parseJson(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  const claims = isRecord(payload) ? payload : {};
  if (!AUDIENCE.test(String(claims["aud"]))) {
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
  return { ...principal, claims };
}

function refused(code: string, message: string): ArmError {
  const challenge = `Bearer authorization_uri="https://login.microsoftonline.com/common", error="invalid_token"`;
  return new ArmError(401, { code, message }, { "www-authenticate": challenge });
}
