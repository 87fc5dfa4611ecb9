import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, expect, test } from "vitest";
import { openPasses } from "../passes.ts";

const { world, pass, state } = await openPasses();
const asked: (string | undefined)[] = [];
const { cert, key } = world.certificate;
const stranger = createServer({ cert, key }, (request, response) => {
  asked.push(request.headers.authorization);
  response.end("{}");
});
stranger.listen(0, "127.0.0.1");
await once(stranger, "listening");
afterAll(async () => {
  stranger.closeAllConnections();
  stranger.close();
  await world.stop();
});

test("an operation's address that somebody changed in the app's container gets no token", async () => {
  await pass();
  const [blob] = await Array.fromAsync(state.listBlobsFlat({ prefix: "memory/" }));
  const memory = state.getBlockBlobClient(blob?.name ?? "");
  const stored = (await memory.downloadToBuffer()).toString("utf8");
  const changed = stored.replaceAll(
    new URL(world.armUrl).origin,
    `https://127.0.0.1:${(stranger.address() as AddressInfo).port}`,
  );
  expect(changed).not.toBe(stored);
  await memory.upload(changed, Buffer.byteLength(changed));

  const report = await pass();
  expect(asked).toEqual([]);
  expect(JSON.stringify([report.failure, report.plan.verdicts])).toContain(
    `does not send requests to https://127.0.0.1:${(stranger.address() as AddressInfo).port}`,
  );
});
