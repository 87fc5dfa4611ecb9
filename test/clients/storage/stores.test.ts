import { afterAll, expect, test } from "vitest";
import { createPackageStore } from "../../../shared/clients/packages/store.ts";
import { openContainer } from "../../../shared/clients/storage/container.ts";
import { createLeases } from "../../../shared/clients/storage/lease.ts";
import { createRecords } from "../../../shared/clients/storage/records.ts";
import { isPackageHash, type PackageHash } from "../../../shared/model/package.ts";
import { makePackage, publish, storageToken } from "../../packages.ts";
import { openWorld } from "../../world.ts";

const world = await openWorld();
afterAll(() => world.stop());
const signal = AbortSignal.timeout(60_000);
const credential = async () => storageToken(world);
const state = () => openContainer(`${world.hostAccountUrl}/state`, credential);
const records = createRecords(state);
const leases = createLeases(state);

function hashOf(text: string): PackageHash {
  if (!isPackageHash(text)) throw new TypeError(text);
  return text;
}

test("returns undefined for a record in a missing container, and creates the container at the first write", async () => {
  expect(await records.read("memory/a", signal)).toBeUndefined();
  await records.write("memory/a", { n: 1 }, "absent", signal);
  expect((await records.read("memory/a", signal))?.value).toEqual({ n: 1 });
});

test("writes a record only over the version that was read", async () => {
  const etag = await records.write("memory/b", { n: 1 }, "any", signal);
  await records.write("memory/b", { n: 2 }, { etag }, signal);
  await expect(records.write("memory/b", { n: 3 }, { etag }, signal)).rejects.toMatchObject({ fault: "conflict" });
  await expect(records.write("memory/b", { n: 3 }, "absent", signal)).rejects.toMatchObject({ fault: "conflict" });
  expect((await records.read("memory/b", signal))?.value).toEqual({ n: 2 });
});

test("does not remove a record that was written again after it was read", async () => {
  const etag = await records.write("note", { at: 1 }, "any", signal);
  await records.write("note", { at: 2 }, "any", signal);
  expect(await records.remove("note", etag, signal)).toBe(false);
  expect((await records.read("note", signal))?.value).toEqual({ at: 2 });
});

test("only one caller holds a lease, until it is released", async () => {
  const [first, second] = await Promise.all([leases.acquire("lease/a", signal), leases.acquire("lease/a", signal)]);
  expect([first, second].filter(Boolean)).toHaveLength(1);
  await (first ?? second)?.release();
  const third = await leases.acquire("lease/a", signal);
  expect(third).toBeDefined();
  await third?.release();
});

test("a lease that is not released expires after a minute", async () => {
  const container = await state();
  await container.getBlockBlobClient("lease/dead").upload("", 0);
  await container.getBlockBlobClient("lease/dead").getBlobLeaseClient().acquireLease(60);
  expect(await leases.acquire("lease/dead", signal)).toBeUndefined();
  await world.clock.advance(61_000);
  const lease = await leases.acquire("lease/dead", signal);
  expect(lease).toBeDefined();
  await lease?.release();
});

const packages = () => openContainer(world.packageContainer.url, credential);

test("a link allows only reading one package, until a short time after its recorded expiry", async () => {
  const store = createPackageStore(packages, { credential, isAnonymous: false });
  const { hash } = world.package;
  const link = await store.sign(hashOf(hash), signal);
  const url = `${world.packageContainer.url}/${hash}.zip${link.query}`;
  expect((await fetch(url)).status).toBe(200);
  expect((await fetch(url.replace(`${hash}.zip`, "current.json"))).status).toBe(403);
  expect((await fetch(url, { method: "PUT", body: "x", headers: { "x-ms-blob-type": "BlockBlob" } })).status).toBe(403);
  const lifeMs = (link.expiresAt?.getTime() ?? 0) - world.clock.now();
  expect(lifeMs).toBeGreaterThan(6 * 86_400_000);
  expect(lifeMs).toBeLessThanOrEqual(7 * 86_400_000);
  await world.clock.advance(lifeMs);
  expect((await fetch(url)).status).toBe(200);
  await world.clock.advance(3_600_000);
  expect((await fetch(url)).status).toBe(403);
});

test("does not sign with a key that is valid for less than six days", async () => {
  const store = createPackageStore(packages, { credential, isAnonymous: false });
  await store.sign(hashOf(world.package.hash), signal);
  await world.clock.advance(2 * 86_400_000);
  const link = await store.sign(hashOf(world.package.hash), signal);
  expect((link.expiresAt?.getTime() ?? 0) - world.clock.now()).toBeGreaterThan(6 * 86_400_000);
});

test("does not sign a link to a missing package", async () => {
  const store = createPackageStore(packages, { credential, isAnonymous: false });
  await expect(store.sign(hashOf("b".repeat(64)), signal)).rejects.toMatchObject({ fault: "not-found" });
});

test("hashes a package again only if its blob has changed", async () => {
  const store = createPackageStore(packages, { credential, isAnonymous: false });
  const other = makePackage("0.31.9");
  await publish(world.packageContainer, other);
  const reads = () =>
    world.azurite.accessLog.filter((line) => line.includes("GET") && line.includes(`${other.hash}.zip`)).length;
  expect(await store.check(hashOf(other.hash), signal)).toEqual({ usable: true });
  const before = reads();
  expect(await store.check(hashOf(other.hash), signal)).toEqual({ usable: true });
  expect(reads()).toBe(before);
  await world.packageContainer.getBlockBlobClient(`${other.hash}.zip`).uploadData(Buffer.from("PK"));
  expect(await store.check(hashOf(other.hash), signal)).toMatchObject({ usable: false });
});
