import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, expect, test } from "vitest";
import { openPasses } from "../passes.ts";

const { world, pass, state } = await openPasses();
const asked: (string | undefined)[] = [];
const { cert, key } = world.certificate;
const foreignServer = createServer({ cert, key }, (request, response) => {
  asked.push(request.headers.authorization);
  response.end("{}");
});
foreignServer.listen(0, "127.0.0.1");
await once(foreignServer, "listening");
afterAll(async () => {
  foreignServer.closeAllConnections();
  foreignServer.close();
  await world.stop();
});

test("sends no token to an operation URL that was changed in the app's container", async () => {
  await pass();
  const [blob] = await Array.fromAsync(state.listBlobsFlat({ prefix: "memory/" }));
  const memory = state.getBlockBlobClient(blob?.name ?? "");
  const stored = (await memory.downloadToBuffer()).toString("utf8");
  const changed = stored.replaceAll(
    new URL(world.armUrl).origin,
    `https://127.0.0.1:${(foreignServer.address() as AddressInfo).port}`,
  );
  expect(changed).not.toBe(stored);
  await memory.upload(changed, Buffer.byteLength(changed));

  const report = await pass();
  expect(asked).toEqual([]);
  expect(JSON.stringify([report.failure, report.plan.verdicts])).toContain(
    `does not send requests to https://127.0.0.1:${(foreignServer.address() as AddressInfo).port}`,
  );
});
