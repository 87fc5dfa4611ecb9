import { DefaultAzureCredential } from "@azure/identity";
import { BlobSASPermissions, BlobServiceClient, generateBlobSASQueryParameters } from "@azure/storage-blob";
import type { ContainerClient } from "@azure/storage-blob";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeCertificate, trust } from "../certificates.ts";
import { Clock } from "../clock.ts";
import { startAzurite } from "./azurite.ts";
import type { Azurite } from "./azurite.ts";
import { startIdentity } from "./identity.ts";
import type { Identity } from "./identity.ts";

const clock = new Clock();
let azurite: Azurite;
let identity: Identity;
let service: BlobServiceClient;
let container: ContainerClient;
let undo = (): void => undefined;

beforeAll(async () => {
  const certificate = await makeCertificate();
  trust(certificate);
  identity = await startIdentity({ clock, oid: "oid", clientId: "client" });
  process.env["IDENTITY_ENDPOINT"] = identity.endpoint;
  process.env["IDENTITY_HEADER"] = identity.header;
  azurite = await startAzurite(certificate, ["things"]);
  undo = clock.shiftDate();
  service = new BlobServiceClient(azurite.urlOf("things"), new DefaultAzureCredential());
  container = service.getContainerClient("things");
  await container.create();
});
afterAll(async () => {
  undo();
  await azurite.stop();
  await identity.stop();
});

const code = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "done",
    (error: { statusCode: number; code: string }) => `${error.statusCode} ${error.code}`,
  );
const put = (name: string, text: string): Promise<unknown> =>
  container.getBlockBlobClient(name).upload(text, text.length);

it("allows one lease on a blob, which expires by the clock", async () => {
  await put("lease", "x");
  const blob = container.getBlobClient("lease");
  const first = blob.getBlobLeaseClient();
  await first.acquireLease(60);
  expect(await code(blob.getBlobLeaseClient().acquireLease(60))).toBe("409 LeaseAlreadyPresent");
  await clock.advance(61_000);
  await blob.getBlobLeaseClient().acquireLease(60);
  expect(await code(first.renewLease())).toMatch(/^409 /);
});

it("honors If-Match", async () => {
  await put("state", "one");
  const blob = container.getBlockBlobClient("state");
  const { etag = "" } = await blob.getProperties();
  const write = (): Promise<unknown> => blob.upload("two", 3, { conditions: { ifMatch: etag } });
  expect(await code(write())).toBe("done");
  expect(await code(write())).toBe("412 ConditionNotMet");
  expect(await code(blob.upload("new", 3, { conditions: { ifNoneMatch: "*" } }))).toBe("409 BlobAlreadyExists");
});

it("accepts a signed link only for its blob, only to read, and only until it expires", async () => {
  await put("package.zip", "zip");
  await put("other.zip", "other");
  const [startsOn, expiresOn] = [new Date(Date.now() - 900_000), new Date(Date.now() + 7 * 86_400_000 - 60_000)];
  const key = await service.getUserDelegationKey(startsOn, expiresOn);
  const permissions = BlobSASPermissions.parse("r");
  const values = { containerName: "things", blobName: "package.zip", permissions, startsOn, expiresOn };
  const link = generateBlobSASQueryParameters(values, key, "things").toString();
  const status = async (name: string, init?: RequestInit): Promise<number> =>
    (await fetch(`${container.url}/${name}?${link}`, init)).status;

  expect(await status("package.zip")).toBe(200);
  expect(await status("other.zip")).toBe(403);
  const headers = { "x-ms-blob-type": "BlockBlob", "x-ms-version": "2021-08-06" };
  expect(await status("package.zip", { method: "PUT", body: "new", headers })).toBe(403);
  expect(azurite.accessLog.some((line) => /GET .*package\.zip\?.*sig=.* 200 /.test(line))).toBe(true);

  await clock.advance(8 * 86_400_000);
  expect(await status("package.zip")).toBe(403);
  const text = await container.getBlobClient("package.zip").downloadToBuffer();
  expect(text.toString()).toBe("zip");
  expect(identity.tokens).toHaveLength(2);
});
