import type { ContainerClient } from "@azure/storage-blob";
import { afterAll, describe, expect, test } from "vitest";
import type { BuiltPackage } from "../../dsc/build-package.ts";
import { type Manifest, formatDescription, formatManifest, sha256Of } from "../../dsc/package.ts";
import { performPublication, planPublication } from "../../dsc/publish-package.ts";
import { verifyContainer } from "../../dsc/verify-container.ts";
import { createPackageStore } from "../../shared/clients/packages/store.ts";
import { LARGEST_PACKAGE_BYTES } from "../../shared/clients/packages/zip.ts";
import { type PackageHash, isPackageHash } from "../../shared/model/package.ts";
import { BAD_ZIPS } from "./bad-zips.ts";
import { buildSmall, openStorage } from "./package-fixture.ts";

const storage = await openStorage();
afterAll(() => storage.stop());
const signal = AbortSignal.timeout(300_000);
const built = await buildSmall("msi");
let count = 0;

/** Publishes a valid package, then changes the container. */
async function broken(change: (container: ContainerClient, manifest: Manifest) => Promise<unknown>) {
  const container = await storage.open(`broken-${count++}`);
  await performPublication(container, await planPublication(container, built, new Date()));
  const manifest: Manifest = { ...built.description, publishedAt: new Date().toISOString(), previous: [] };
  await change(container, manifest);
  return container;
}

const put = (container: ContainerClient, name: string, content: string | Uint8Array) =>
  container.getBlockBlobClient(name).uploadData(Buffer.from(content));

/** Publishes other bytes as the package, under their own hash. */
async function putAsPackage(container: ContainerClient, manifest: Manifest, bytes: Buffer): Promise<void> {
  const other = { ...manifest, package: hashOf(bytes) };
  const { publishedAt: _at, previous: _previous, ...description } = other;
  await put(container, `${other.package}.zip`, bytes);
  await put(container, `${other.package}.json`, formatDescription(description));
  await put(container, "current.json", formatManifest(other));
}

function hashOf(bytes: Buffer): PackageHash {
  const hash = sha256Of(bytes);
  if (!isPackageHash(hash)) throw new TypeError(hash);
  return hash;
}

/** Returns the problem that the app finds in a pass. */
async function problemInApp(container: ContainerClient): Promise<string | undefined> {
  const store = createPackageStore(async () => container, {
    credential: async () => storage.credential,
    isAnonymous: false,
  });
  const current = await store.readCurrent(signal);
  if ("problem" in current) return current.problem;
  const check = await store.check(current.package.hash, signal);
  return check.usable ? undefined : check.problem;
}

const problemsInVerify = async (container: ContainerClient): Promise<string> =>
  (await verifyContainer(container, signal)).flatMap(({ problem }) => problem ?? []).join("\n");

test("verify and the app accept a published package", async () => {
  const container = await broken(async () => {});
  expect(await problemsInVerify(container)).toBe("");
  expect(await problemInApp(container)).toBeUndefined();
});

type Change = Parameters<typeof broken>[0];

const missing = "b".repeat(64);
type Case = readonly [what: string, says: RegExp, change: Change];
const CASES: readonly Case[] = [
  ["no manifest", /current.json is missing/, (container) => container.deleteBlob("current.json")],
  ["a manifest that is not JSON", /expected JSON/, (container) => put(container, "current.json", "{")],
  [
    "a manifest of a later schema",
    /found schema 2.*the app is older than the package\. Upgrade the app/,
    (container, manifest) => put(container, "current.json", JSON.stringify({ ...manifest, schema: 2 })),
  ],
  ...["package", "Marker"].map((name): Case => [
    `a manifest with the app's own argument ${name}`,
    new RegExp(
      String.raw`arguments\.${name}: found "b{59}…, expected no argument of this name, because the app sets it`,
    ),
    (container, manifest) => {
      const args = { ...manifest.arguments, [name]: missing };
      return put(container, "current.json", formatManifest({ ...manifest, arguments: args }));
    },
  ]),
  [
    "a manifest that names a missing zip",
    /b{64}\.zip is missing in the package container|b{64}\.zip is missing in the container/,
    (container, manifest) =>
      put(
        container,
        "current.json",
        formatManifest({ ...manifest, package: isPackageHash(missing) ? missing : manifest.package }),
      ),
  ],
  [
    "a blob whose content does not match its name",
    /is not the hash in its name|content's SHA-256 is/,
    (container, manifest) => put(container, `${manifest.package}.zip`, flipped(built)),
  ],
  [
    "a blob above the maximum size",
    /more than any package|the limit is 67108864/,
    (container, manifest) => put(container, `${manifest.package}.zip`, Buffer.alloc(LARGEST_PACKAGE_BYTES + 1)),
  ],
  ...BAD_ZIPS.map(
    ([what, says, make]) =>
      [
        `a zip ${what}`,
        says,
        (container, manifest) => putAsPackage(container, manifest, make()),
      ] as const satisfies (typeof CASES)[number],
  ),
];

describe("verify and the app reject", () => {
  test.each(CASES)("%s", async (_, says, change) => {
    const container = await broken(change);
    expect(await problemInApp(container)).toMatch(says);
    expect(await problemsInVerify(container)).toMatch(says);
  });
});

/** Returns the zip with one byte of the MSI changed; the MSI is stored uncompressed. */
function flipped({ bytes }: BuiltPackage): Buffer {
  const copy = Buffer.from(bytes);
  const at = copy.indexOf("msi", copy.indexOf("windows_exporter.msi") + 20);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
