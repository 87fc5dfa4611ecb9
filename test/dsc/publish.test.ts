import { ContainerClient } from "@azure/storage-blob";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import type { BuiltPackage } from "../../dsc/build-package.ts";
import { formatPublished, listPublished } from "../../dsc/list-published.ts";
import { listPackages, readBlob, readCurrent } from "../../dsc/package-container.ts";
import { type Manifest, formatDescription, parsePublished, sha256Of } from "../../dsc/package.ts";
import { MOST_PREVIOUS, type PublishRequest, performPublication, planPublication } from "../../dsc/publish-package.ts";
import { verifyContainer } from "../../dsc/verify-container.ts";
import { buildSmall, openStorage } from "./package-fixture.ts";

const storage = await openStorage();
afterAll(() => storage.stop());
const signal = AbortSignal.timeout(300_000);
const [a, b, c] = await Promise.all([buildSmall("A"), buildSmall("B"), buildSmall("C")]);
const hashOf = ({ description }: BuiltPackage) => description.package;

let count = 0;
const openNew = (): Promise<ContainerClient> => storage.open(`packages-${count++}`);

async function publish(container: ContainerClient, ...requests: readonly PublishRequest[]): Promise<readonly string[]> {
  let done: readonly string[] = [];
  for (const request of requests) {
    done = await performPublication(container, await planPublication(container, request, new Date()));
  }
  return done;
}

async function published(container: ContainerClient): Promise<Manifest> {
  const current = await readCurrent(container);
  if (!current) throw new Error("nothing is published");
  return parsePublished(current.text);
}

async function history(container: ContainerClient): Promise<readonly string[]> {
  const { package: hash, previous } = await published(container);
  const names = new Map([a, b, c].map((each, index) => [hashOf(each), "ABC"[index] ?? ""]));
  return [hash, ...previous].map((each) => names.get(each) ?? each);
}

describe("publishing", () => {
  test("uploads the zip, then names it in current.json with the app's arguments", async () => {
    const container = await openNew();
    expect(await publish(container, a)).toEqual([
      `uploaded ${hashOf(a)}.zip`,
      `uploaded ${hashOf(a)}.json`,
      "wrote current.json",
    ]);
    expect(await published(container)).toMatchObject({ ...a.description, previous: [] });
    expect(sha256Of((await readBlob(container, `${hashOf(a)}.zip`)) ?? Buffer.alloc(0))).toBe(hashOf(a));
  });

  test("changes nothing if the package is already current", async () => {
    const container = await openNew();
    await publish(container, a);
    const before = await readCurrent(container);
    expect((await publish(container, a)).at(-1)).toBe("current.json names it already: nothing to publish");
    expect(await readCurrent(container)).toEqual(before);
  });

  test.each<[steps: string, requests: readonly PublishRequest[], expected: string]>([
    ["A, B, C", [a, b, c], "CBA"],
    ["A, B, A", [a, b, a], "AB"],
    ["A, B, back", [a, b, { rollback: 1 }], "AB"],
    ["A, B, back, back", [a, b, { rollback: 1 }, { rollback: 1 }], "BA"],
    ["A, B, C, back by two", [a, b, c, { rollback: 2 }], "ACB"],
    ["A, B, C, back to B", [a, b, c, { rollback: hashOf(b) }], "BCA"],
    ["A, B, back to B, which is current", [a, b, { rollback: hashOf(b) }], "BA"],
  ])("%s keeps the history in order, with each package once", async (_, requests, expected) => {
    const container = await openNew();
    await publish(container, ...requests);
    expect((await history(container)).join("")).toBe(expected);
  });

  test("a rollback uses the arguments of the earlier package", async () => {
    const container = await openNew();
    const other = await buildSmall("A", { arguments: { Port: 9200 } });
    await publish(container, other, b, { rollback: 1 });
    expect(await published(container)).toMatchObject(other.description);
  });

  test(`keeps a history of ${MOST_PREVIOUS} packages`, async () => {
    const container = await openNew();
    const packages = await Promise.all(Array.from({ length: MOST_PREVIOUS + 2 }, (_, index) => buildSmall(`${index}`)));
    await publish(container, ...packages);
    const { previous } = await published(container);
    expect(previous).toEqual(packages.slice(1, -1).map(hashOf).toReversed());
    expect((await listPackages(container)).size).toBe(packages.length);
  });

  test("leaves a manifest of a later schema as it is", async () => {
    const container = await openNew();
    const later = JSON.stringify({ schema: 2, package: hashOf(a) });
    await container.getBlockBlobClient("current.json").uploadData(Buffer.from(later));
    await expect(publish(container, b)).rejects.toThrow("found schema 2, and this version of the app reads schema 1");
    expect((await container.getBlobClient("current.json").downloadToBuffer()).toString()).toBe(later);
    expect((await listPackages(container)).size).toBe(0);
  });

  test.each(["{", JSON.stringify({ schema: 1, package: 7, previous: [hashOf(a), null] })])(
    "leaves the damaged manifest %s as it is, and the list says what to do",
    async (damaged) => {
      const container = await openNew();
      await publish(container, a);
      await container.getBlockBlobClient("current.json").uploadData(Buffer.from(damaged));
      const says = /current\.json in the container is damaged, and was left as it is \(.*restore an earlier version/;
      await expect(publish(container, b)).rejects.toThrow(says);
      await expect(publish(container, { rollback: hashOf(a) })).rejects.toThrow(says);
      await expect(listPublished(container)).rejects.toThrow(says);
      expect((await container.getBlobClient("current.json").downloadToBuffer()).toString()).toBe(damaged);
      expect((await listPackages(container)).size).toBe(1);
    },
  );

  test("replaces and reports a zip whose content was changed", async () => {
    const container = await openNew();
    await publish(container, a);
    await container.getBlockBlobClient(`${hashOf(a)}.zip`).uploadData(Buffer.from("other"));
    expect((await publish(container, a))[0]).toContain("find out who changed it");
    expect((await verifyContainer(container, signal)).filter(({ problem }) => problem)).toEqual([]);
  });
});

describe("rejects", () => {
  test.each<[what: string, request: PublishRequest, says: RegExp]>([
    ["a rollback beyond the history", { rollback: 2 }, /found 2, expected 1 to 1/],
    [
      "a rollback to a package that is not in the container",
      { rollback: hashOf(c) },
      /is not in the container.*--list/,
    ],
    ["a description of another package", { ...a, description: b.description }, /SHA-256 is/],
    [
      "a description with other arguments",
      { ...c, description: { ...c.description, deployable: true } },
      /begins with/,
    ],
  ])("%s without a change", async (_, request, says) => {
    const container = await openNew();
    await publish(container, a, b);
    const before = await readCurrent(container);
    await expect(publish(container, request)).rejects.toThrow(says);
    expect(await readCurrent(container)).toEqual(before);
    expect((await listPackages(container)).size).toBe(2);
  });

  test.each<[what: string, name: string, content: Buffer, says: RegExp]>([
    ["whose content was changed", `${hashOf(a)}.zip`, c.bytes, /content's SHA-256 is/],
    [
      "with the description of another package",
      `${hashOf(a)}.json`,
      Buffer.from(formatDescription(c.description)),
      /another package/,
    ],
  ])("a rollback to a package %s", async (_, name, content, says) => {
    const container = await openNew();
    await publish(container, a, b);
    await container.getBlockBlobClient(name).uploadData(content);
    await expect(publish(container, { rollback: 1 })).rejects.toThrow(says);
    expect(await history(container)).toEqual(["B", "A"]);
  });

  test("a rollback without an earlier package", async () => {
    await expect(publish(await openNew(), { rollback: 1 })).rejects.toThrow("expected a package published before");
  });

  test("a package that is not deployable on any other machine, before any request", async () => {
    const away = new ContainerClient("https://account.invalid/packages", storage.credential);
    await expect(publish(away, a)).rejects.toThrow("is not deployable");
  });
});

describe("concurrent publishers", () => {
  test.each<[what: string, before: readonly PublishRequest[]]>([
    ["of the first package", []],
    ["after another package", [c]],
  ])("%s: one succeeds and the other changes nothing", async (_, before) => {
    const container = await openNew();
    await publish(container, ...before);
    const plans = await Promise.all([a, b].map((each) => planPublication(container, each, new Date())));
    const results = await Promise.allSettled(plans.map((plan) => performPublication(container, plan)));
    const winner = results.findIndex(({ status }) => status === "fulfilled");
    const lost = results.filter(({ status }) => status === "rejected");
    expect(lost).toMatchObject([
      { reason: { message: expect.stringContaining("another publisher changed current.json") } },
    ]);
    expect(await history(container)).toEqual([winner === 0 ? "A" : "B", ...before.map(() => "C")]);
    expect((await verifyContainer(container, signal)).filter(({ problem }) => problem)).toEqual([]);
  });

  test("a publisher whose first response is lost finds its own manifest and succeeds", async () => {
    const container = await openNew();
    const plan = await planPublication(container, a, new Date());
    await performPublication(container, plan);
    expect((await performPublication(container, plan)).at(-1)).toBe("wrote current.json");
  });
});

test("the list has the position of each package in the history, and packages outside it", async () => {
  const container = await openNew();
  const list = async () => formatPublished(await listPublished(container));
  expect(await list()).toEqual(["0  nothing is published"]);
  await publish(container, a, b);
  await container.getBlockBlobClient(`${hashOf(c)}.zip`).uploadData(c.bytes);
  expect(await list()).toEqual([
    `0  ${hashOf(b)}  windows_exporter 0.31.8`,
    `1  ${hashOf(a)}  windows_exporter 0.31.8`,
    `-  ${hashOf(c)}  not described: it cannot be rolled back to`,
  ]);
});

test("verify checks every earlier package", async () => {
  const container = await openNew();
  await publish(container, a, b, c);
  const before = await verifyContainer(container, signal);
  expect(before.filter(({ what }) => what === "can be rolled back to").map(({ of }) => of)).toEqual([b, a].map(hashOf));
  await container.deleteBlob(`${hashOf(a)}.json`);
  await container.getBlockBlobClient(`${hashOf(b)}.zip`).uploadData(a.bytes);
  const failed = (await verifyContainer(container, signal)).filter(({ problem }) => problem !== undefined);
  expect(new Set(failed.map(({ of }) => of))).toEqual(new Set([hashOf(a), hashOf(b)]));
});

type Step = { readonly publish: number } | { readonly back: number } | { readonly backTo: number };

/** Returns the expected history, newest first; unchanged if the step must be rejected. */
function expectedAfter(history: readonly string[], step: Step): readonly string[] {
  const names = "ABC";
  const isKnown = "backTo" in step && history.includes(names[step.backTo] ?? "");
  const target = "publish" in step ? names[step.publish] : "back" in step ? history[step.back] : undefined;
  const name = isKnown ? names[step.backTo] : target;
  return name === undefined ? history : [name, ...history.filter((each) => each !== name)];
}

function requestOf(step: Step): PublishRequest {
  if ("back" in step) return { rollback: step.back };
  const named = [a, b, c]["publish" in step ? step.publish : step.backTo] ?? a;
  return "publish" in step ? named : { rollback: hashOf(named) };
}

test("after any publications and rollbacks, the history is valid, in order and without duplicates", async () => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ publish: fc.nat(2) }),
    fc.record({ back: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ backTo: fc.nat(2) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      const container = await openNew();
      await publish(container, a);
      let expected: readonly string[] = ["A"];
      for (const each of steps) {
        const refusal = await publish(container, requestOf(each)).then(
          () => "",
          (error: unknown) => String(error),
        );
        expect(refusal).toMatch(/^$|^Error: --rollback: /);
        expected = expectedAfter(expected, each);
        expect(await history(container)).toEqual(expected);
        expect((await verifyContainer(container, signal)).filter(({ problem }) => problem)).toEqual([]);
      }
    }),
    { numRuns: 25, seed: 7 },
  );
});
