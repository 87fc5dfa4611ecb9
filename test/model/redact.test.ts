import { describe, expect, test } from "vitest";
import { redact } from "../../shared/model/redact.ts";

const LINK = "https://packages.blob.core.windows.net/dsc/ab.zip?sv=2026-04-06&se=2026-11-29&skoid=1&sig=pl%2Fanted%3D";
const TOKEN = "eyJ0eXAiOiJKV1QifQ.eyJhdWQiOiJwbGFudGVkIn0.c2lnLXBsYW50ZWQ";

describe("redact hides the secret in", () => {
  test.each([
    { what: "a link", text: `Error downloading ${LINK} after 17 attempts`, secrets: ["pl%2Fanted", "skoid"] },
    { what: "a link in quotes", text: `{"url":"${LINK}"}`, secrets: ["pl%2Fanted", "skoid"] },
    { what: "a link in angle brackets", text: `<${LINK}>`, secrets: ["pl%2Fanted"] },
    { what: "two links", text: `${LINK} and ${LINK.replace("anted", "anted2")}`, secrets: ["anted"] },
    { what: "a link in upper case", text: LINK.toUpperCase(), secrets: ["PL%2FANTED"] },
    {
      what: "a signature without a link",
      text: "configurationUrlSasToken ?sv=1&sig=planted&x=1",
      secrets: ["planted"],
    },
    { what: "a signature in upper case", text: "SIG=planted", secrets: ["planted"] },
    { what: "a function's key", text: "POST /api/resync?code=planted==", secrets: ["planted"] },
    {
      what: "a form's secret",
      text: "client_secret=planted&access_token=planted&password=planted",
      secrets: ["planted"],
    },
    { what: "a bearer token", text: "Authorization: Bearer planted.abc-_~+/==", secrets: ["planted", "abc"] },
    { what: "a bearer token in lower case", text: "authorization: bearer planted", secrets: ["planted"] },
    { what: "a JWT", text: `token ${TOKEN} expired`, secrets: [TOKEN, "eyJhdWQ", "c2lnLX"] },
    { what: "a JWT without a signature", text: "eyJ0eXAi.eyJhdWQi.", secrets: ["eyJhdWQi"] },
    { what: "a password in a URL", text: "https://user:planted@proxy.example/x", secrets: ["planted"] },
  ])("$what", ({ text, secrets }) => {
    for (const secret of secrets) expect(redact(text)).not.toContain(secret);
    expect(redact(text)).toContain("(hidden)");
  });
});

test("redact keeps the rest of a text", () => {
  const redacted = redact(`Error downloading ${LINK} after 17 attempts`);
  expect(redacted).toBe(
    "Error downloading https://packages.blob.core.windows.net/dsc/ab.zip?(hidden) after 17 attempts",
  );
});

test.each([
  "the MSI ended with 1603",
  "https://packages.blob.core.windows.net/dsc/ab.zip was not found",
  "statusCode=403, ErrorCode: AuthorizationFailed",
  "",
])("redact does not change a text without secrets: '%s'", (text) => {
  expect(redact(text)).toBe(text);
});

test("redact does not change a redacted text", () => {
  const once = redact(`Bearer abc ${LINK} sig=x ${TOKEN}`);
  expect(redact(once)).toBe(once);
});
