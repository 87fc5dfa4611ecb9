import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "../clock.ts";

const tenant = "11111111-1111-4111-8111-111111111111";
const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");

const refuse = (status: number, message: string) => ({ status, body: { statusCode: status, message } });

/** The claims and the lifetime of a token. */
export interface TokenClaims {
  oid: string;
  audience: string;
  now: number;
  lifetimeMs?: number;
  appid?: string;
}

/** Creates an access token like Entra ID's, but without a valid signature; receivers must not check it. */
export function mintToken({ oid, audience, now, lifetimeMs = 24 * 3_600_000, appid }: TokenClaims): string {
  const iat = Math.floor(now / 1000);
  const life = { iat, nbf: iat, exp: iat + Math.floor(lifetimeMs / 1000) };
  const who = { oid, sub: oid, tid: tenant, ...(appid !== undefined && { appid }) };
  const claims = { aud: audience, iss: `https://sts.windows.net/${tenant}/`, ...life, ...who, ver: "1.0" };
  return `${encode({ alg: "RS256", typ: "JWT" })}.${encode(claims)}.${Buffer.from("unsigned").toString("base64url")}`;
}

/** The managed identity endpoint of App Service (`IDENTITY_ENDPOINT`, `IDENTITY_HEADER`). */
export interface Identity {
  readonly endpoint: string;
  readonly header: string;
  readonly tokens: { audience: string; at: number }[];
  stop(): Promise<void>;
}

/** Starts the endpoint of one identity; its tokens are valid for 24 hours of the clock. */
export async function startIdentity(options: { clock: Clock; oid: string; clientId: string }): Promise<Identity> {
  const { clock, oid, clientId } = options;
  const header = randomUUID();
  const tokens: Identity["tokens"] = [];

  const answer = (request: IncomingMessage): { status: number; body: object } => {
    const { searchParams: query } = new URL(request.url ?? "/", "http://localhost");
    const resource = query.get("resource");
    const asked = query.get("client_id") ?? clientId;
    if (request.headers["x-identity-header"] !== header) return refuse(401, "The X-IDENTITY-HEADER is wrong.");
    if (query.get("api-version") !== "2019-08-01") return refuse(400, "The api-version must be 2019-08-01.");
    if (!resource) return refuse(400, "The resource is missing.");
    if (asked.toLowerCase() !== clientId.toLowerCase()) return refuse(400, "No User Assigned identity was found.");
    const now = clock.now();
    tokens.push({ audience: resource, at: now });
    const lifetimeMs = 24 * 3_600_000;
    const access_token = mintToken({ oid, audience: resource, now, lifetimeMs, appid: clientId });
    const expires_on = String(Math.floor((now + lifetimeMs) / 1000));
    return { status: 200, body: { access_token, expires_on, resource, token_type: "Bearer", client_id: clientId } };
  };
  const server = createServer((request, response) => {
    const { status, body } = answer(request);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  // Open connections to this endpoint do not keep the process alive.
  server.on("connection", (socket) => socket.unref());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/msi/token`;
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { endpoint, header, tokens, stop };
}
