import fc from "fast-check";
import { expect, test } from "vitest";
import {
  LARGEST_PACKAGE_BYTES,
  LARGEST_UNPACKED_BYTES,
  MOST_ENTRIES,
  checkPackageZip,
} from "../../shared/clients/packages/zip.ts";
import { BAD_ZIPS, zipWith } from "./bad-zips.ts";

const never = new AbortController().signal;

test.each(BAD_ZIPS)("rejects a zip %s", async (_, says, make) => {
  const check = await checkPackageZip(make(), never);
  expect(check).toMatchObject({ usable: false, problem: expect.stringMatching(says) });
});

test("accepts a zip at all limits", async () => {
  const script = zipWith({}).readUInt32LE(22);
  const folder = { "AksWindowsMetrics/": new Uint8Array() };
  const big = { "AksWindowsMetrics/big.bin": Buffer.alloc(LARGEST_UNPACKED_BYTES - script) };
  const named = [`a/${"b".repeat(98)}`, "console.ps1", "a/com10", "nullable/auxiliary.txt", "a~b"];
  const empty = Array.from(
    { length: MOST_ENTRIES - 3 - named.length },
    (_, index) => [`f${index}`, new Uint8Array()] as const,
  );
  const zip = zipWith({
    ...folder,
    ...big,
    ...Object.fromEntries([...empty, ...named.map((name) => [name, new Uint8Array()] as const)]),
  });
  expect(await checkPackageZip(zip, never)).toEqual({ usable: true });
});

test("rejects a zip above the maximum size before opening it", async () => {
  const check = await checkPackageZip(Buffer.alloc(LARGEST_PACKAGE_BYTES + 1), never);
  expect(check).toMatchObject({ usable: false, problem: expect.stringContaining("more than 64 MiB") });
});

test("an abort rejects the check instead of reporting a problem of the zip", async () => {
  const reason = new Error("the pass is over");
  await expect(checkPackageZip(zipWith({}), AbortSignal.abort(reason))).rejects.toBe(reason);
});

test("returns a result for any changed zip, without an exception and without hanging", async () => {
  const zip = zipWith({
    "AksWindowsMetrics/a.psm1": Buffer.from("a".repeat(500)),
    b: [Buffer.from("b"), { level: 0 }],
  });
  const change = fc.tuple(fc.nat(zip.length - 1), fc.nat(255));
  const changes = fc.array(change, { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(changes, fc.nat(20), async (all, cut) => {
      const copy = Buffer.from(zip).subarray(0, zip.length - (cut > 10 ? cut : 0));
      for (const [at, value] of all) copy[at] = value;
      const check = await checkPackageZip(copy, AbortSignal.timeout(10_000));
      expect(typeof check.usable).toBe("boolean");
    }),
    { numRuns: 2000, seed: 1 },
  );
});
