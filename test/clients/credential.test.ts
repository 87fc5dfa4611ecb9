import { expect, test } from "vitest";
import { cacheTokens } from "../../shared/clients/credential.ts";

function failingAfterFirst(lifeMs: number) {
  let calls = 0;
  return {
    getToken: async () => {
      calls++;
      if (calls > 1) throw new Error("identity is out of order");
      return { token: "first", expiresOnTimestamp: Date.now() + lifeMs };
    },
  };
}

test("returns the last token if it is still valid and no new one can be acquired", async () => {
  const credential = cacheTokens(failingAfterFirst(60_000));
  await credential.getToken("scope");
  expect(await credential.getToken("scope")).toMatchObject({ token: "first" });
});

test("does not return an expired token or a token of another scope", async () => {
  const ended = cacheTokens(failingAfterFirst(-1));
  await ended.getToken("scope");
  await expect(ended.getToken("scope")).rejects.toThrow("out of order");
  const other = cacheTokens(failingAfterFirst(60_000));
  await other.getToken("scope");
  await expect(other.getToken("another")).rejects.toThrow("out of order");
});
