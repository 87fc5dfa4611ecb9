import { once } from "node:events";
import https from "node:https";
import { gzipSync } from "node:zlib";
import { ComputeManagementClient } from "@azure/arm-compute";
import { afterAll, describe, expect, test } from "vitest";
import { LIMIT_BODY } from "../../shared/clients/arm/pipeline-policies.ts";
import { createPackageStore } from "../../shared/clients/packages/store.ts";
import { LARGEST_BODY_BYTES, readAtMost } from "../../shared/clients/read-at-most.ts";
import { openContainer } from "../../shared/clients/storage/container.ts";
import { createRecords } from "../../shared/clients/storage/records.ts";
import { open } from "../contracts/kube-fixture.ts";
import { storageToken } from "../packages.ts";
import { credential, SUBSCRIPTION } from "../simulators/arm-fixture.ts";
import { openWorld } from "../world.ts";

const world = await openWorld();
const container = () => openContainer(`${world.hostAccountUrl}/state`, async () => storageToken(world));
const signal = AbortSignal.timeout(60_000);
/** A valid JSON list, which a client without a limit would accept. */
const tooMuch = Buffer.from(JSON.stringify({ value: [{ name: "x".repeat(LARGEST_BODY_BYTES) }] }));
const LIMIT = "The body exceeds the limit of 16 MiB.";

/** The JSON body of every response, in gzip if `isGzip`. */
let body: Buffer = Buffer.from("{}");
let isGzip = false;
const { cert, key } = world.certificate;
const server = https.createServer({ cert, key }, (_, response) => {
  response.writeHead(200, { "content-type": "application/json", ...(isGzip && { "content-encoding": "gzip" }) });
  response.end(body);
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const address = server.address();
const url = `https://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;

afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await world.stop();
});

async function* chunks(count: number, read: { count: number }) {
  for (; read.count < count; read.count++) yield "four";
}

describe("stream", () => {
  test.each([
    { count: 2, bytes: 8, text: "fourfour" },
    { count: 0, bytes: 8, text: "" },
  ])("reads $count chunks within a limit of $bytes bytes", async ({ count, bytes, text }) => {
    expect((await readAtMost(chunks(count, { count: 0 }), bytes)).toString("utf8")).toBe(text);
  });

  test("stops reading at the limit", async () => {
    const read = { count: 0 };
    await expect(readAtMost(chunks(1000, read), 8)).rejects.toThrow(/exceeds the limit/);
    expect(read.count).toBe(2);
  });
});

describe("limits", () => {
  test("a blob above the limit in the app's container is read as missing, and can be replaced", async () => {
    const records = createRecords(container);
    const etag = await records.write("memory/large", {}, "any", signal);
    await (await container()).getBlockBlobClient("memory/large").uploadData(tooMuch);
    const stored = await records.read("memory/large", signal);
    expect(stored?.value).toBeUndefined();
    expect(stored?.etag).not.toBe(etag);
    await records.write("memory/large", { n: 1 }, { etag: stored?.etag ?? "" }, signal);
    expect((await records.read("memory/large", signal))?.value).toEqual({ n: 1 });
  });

  test("a current.json above the limit is a problem of the manifest", async () => {
    const packages = () => openContainer(world.packageContainer.url, async () => storageToken(world));
    const store = createPackageStore(packages, { credential: async () => storageToken(world), isAnonymous: false });
    expect(await store.readCurrent(signal)).toMatchObject({ package: { hash: world.package.hash } });
    await world.packageContainer.getBlockBlobClient("current.json").uploadData(tooMuch);
    const problem = "current.json: The body exceeds the limit of 64 KiB. Publish a package again.";
    expect(await store.readCurrent(signal)).toEqual({ problem });
  });

  test.each([
    { what: "a plain body", sent: tooMuch, gzip: false },
    { what: "a gzip body that expands beyond it", sent: gzipSync(tooMuch), gzip: true },
  ])("a response of an API server above the limit fails the call: $what", async ({ sent, gzip }) => {
    [body, isGzip] = [sent, gzip];
    const kube = await open({ url, caPem: cert });
    await expect(kube.readService(signal)).rejects.toThrow(LIMIT);
  });

  test.each([
    { what: "a plain body", sent: tooMuch, gzip: false },
    { what: "a gzip body that expands beyond it", sent: gzipSync(tooMuch), gzip: true },
  ])("a response of Azure Resource Manager above the limit fails the call: $what", async ({ sent, gzip }) => {
    const options = { endpoint: url, additionalPolicies: [LIMIT_BODY], retryOptions: { maxRetries: 0 } };
    const compute = new ComputeManagementClient(credential, SUBSCRIPTION, options);
    const first = () => compute.virtualMachineScaleSets.list("group").next();
    [body, isGzip] = [Buffer.from(JSON.stringify({ value: [{ name: "akswin1" }] })), false];
    expect((await first()).value).toMatchObject({ name: "akswin1" });
    [body, isGzip] = [sent, gzip];
    await expect(first()).rejects.toThrow(LIMIT);
  });
});
