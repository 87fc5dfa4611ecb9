import { DefaultAzureCredential } from "@azure/identity";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Clock } from "../clock.ts";
import { mintToken, startIdentity } from "./identity.ts";
import type { Identity } from "./identity.ts";

const clock = new Clock();
const clientId = "22222222-2222-4222-8222-222222222222";
let identity: Identity;

beforeAll(async () => {
  identity = await startIdentity({ clock, oid: "the-oid", clientId });
});
afterAll(() => identity.stop());

const claims = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Record<string, unknown>;
const ask = (query: string, header = identity.header): Promise<Response> =>
  fetch(`${identity.endpoint}?${query}`, { headers: { "X-IDENTITY-HEADER": header } });
const version = "api-version=2019-08-01";

it("returns a token for a resource", async () => {
  const response = await ask(`${version}&resource=https://storage.azure.com&client_id=${clientId}`);
  const body = (await response.json()) as Record<string, string>;
  expect(body).toMatchObject({ resource: "https://storage.azure.com", token_type: "Bearer", client_id: clientId });
  expect(Number(body["expires_on"]) * 1000 - clock.now()).toBeCloseTo(86_400_000, -4);
  const token = claims(body["access_token"] ?? "");
  expect(token).toMatchObject({ aud: "https://storage.azure.com", oid: "the-oid", appid: clientId, ver: "1.0" });
  expect(token["exp"]).toBe(Number(body["expires_on"]));
});

it("rejects a wrong header, a missing resource, another api-version and an unknown identity", async () => {
  const resource = "resource=https://storage.azure.com";
  expect((await ask(`${version}&${resource}`, "wrong")).status).toBe(401);
  expect((await ask(version)).status).toBe(400);
  expect((await ask(resource)).status).toBe(400);
  expect((await ask(`${version}&${resource}&client_id=another`)).status).toBe(400);
});

it("serves DefaultAzureCredential, again when the clock is past the token's life", async () => {
  process.env["IDENTITY_ENDPOINT"] = identity.endpoint;
  process.env["IDENTITY_HEADER"] = identity.header;
  const undo = clock.shiftDate();
  try {
    identity.tokens.length = 0;
    const credential = new DefaultAzureCredential({ managedIdentityClientId: clientId });
    const scope = "https://management.azure.com/.default";
    const first = await credential.getToken(scope);
    expect(await credential.getToken(scope)).toMatchObject({ token: first.token });
    await clock.advance(25 * 3_600_000);
    const second = await credential.getToken(scope);
    expect(claims(second.token)["iat"]).toBeGreaterThan(Number(claims(first.token)["exp"]));
    expect(identity.tokens.map(({ audience }) => audience)).toEqual(Array(2).fill("https://management.azure.com"));
  } finally {
    undo();
  }
});

it("creates tokens with any lifetime", () => {
  const token = mintToken({ oid: "o", audience: "a", now: 5_000_000, lifetimeMs: 60_000 });
  expect(claims(token)).toMatchObject({ iat: 5000, nbf: 5000, exp: 5060, aud: "a", oid: "o" });
});
