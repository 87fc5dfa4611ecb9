import type { ContainerClient } from "@azure/storage-blob";
import { afterEach, expect, test } from "vitest";
import { instanceStates, openPasses, type Passes, setVerdicts } from "../passes.ts";
import { findUnconverged } from "../sandbox/invariants.ts";
import { SHOP } from "../world.ts";

let passes: Passes | undefined;
afterEach(async () => {
  await passes?.world.stop();
  passes = undefined;
});

async function openInstalled(arm = {}): Promise<Passes> {
  const cluster = { ...SHOP, pools: [{ name: "win1", os: "Windows" as const, count: 4, image: "20348.3000" }] };
  passes = await openPasses({ cluster, arm });
  await passes.live(35);
  expect(instanceStates(await passes.pass())).toEqual({ current: 4 });
  return passes;
}

const upgradesOf = ({ world }: Passes): readonly unknown[] =>
  world.arm.journal.filter(({ path }) => path.endsWith("/manualupgrade")).map(({ body }) => body);

/** Replaces a blob of text by another. */
async function rewrite(container: ContainerClient, name: string, change: (text: string) => string): Promise<void> {
  const blob = container.getBlockBlobClient(name);
  const text = change((await blob.downloadToBuffer()).toString("utf8"));
  await blob.uploadData(Buffer.from(text));
}

const withoutInstances = (text: string): string =>
  JSON.stringify(JSON.parse(text, (key, value: unknown) => (key === "instances" ? undefined : value)));

test.each([
  { what: "is missing", spoil: undefined, warnings: 0 },
  { what: "has another schema", spoil: () => '{"schema":99}', warnings: 1 },
  { what: "is not JSON", spoil: () => "{", warnings: 1 },
  { what: "lacks the instances of its scale sets", spoil: withoutInstances, warnings: 1 },
])("a memory that $what costs one warning, and no upgrade while ARM shows that the model is applied", async (row) => {
  const { spoil, warnings } = row;
  const opened = await openInstalled();
  const before = upgradesOf(opened).length;
  const names: string[] = [];
  for await (const { name } of opened.state.listBlobsFlat({ prefix: "memory/" })) names.push(name);
  expect(names).toHaveLength(1);
  const [name = ""] = names;
  await (spoil ? rewrite(opened.state, name, spoil) : opened.state.deleteBlob(name));
  const reports = [await opened.pass(), await opened.pass(), ...(await opened.live(30))];
  expect(reports.flatMap((report) => report.warnings)).toHaveLength(warnings);
  expect(instanceStates(reports.at(-1))).toEqual({ current: 4 });
  expect(upgradesOf(opened)).toHaveLength(before);
});

test("a memory lost after a renewal causes no upgrade, although no instance shows its package", async () => {
  const opened = await openInstalled({ unknowns: { substatuses: "never", instanceResourcesShowSettings: false } });
  await opened.world.clock.advance(4 * 86_400_000);
  expect(setVerdicts(await opened.pass())).toEqual(["win1 acting link-expiring"]);
  const before = upgradesOf(opened).length;
  for await (const { name } of opened.state.listBlobsFlat({ prefix: "memory/" })) {
    await opened.state.deleteBlob(name);
  }
  await opened.live(30);
  expect(upgradesOf(opened)).toHaveLength(before);
  expect(instanceStates(await opened.pass())).toEqual({ "unknown-package": 4 });
  // An operator who wants to know has the app upgrade them.
  await opened.pass("resync");
  await opened.live(40);
  expect(findUnconverged(opened.world, opened.world.package.hash)).toEqual([]);
  expect(instanceStates(await opened.pass())).toEqual({ current: 4 });
});

test("a memory lost after a renewal causes no upgrade if instance views have the tag", async () => {
  const opened = await openInstalled({ unknowns: { instanceViewShowsForceUpdateTag: true } });
  await opened.world.clock.advance(4 * 86_400_000);
  await opened.pass();
  const before = upgradesOf(opened).length;
  for await (const { name } of opened.state.listBlobsFlat({ prefix: "memory/" })) {
    await opened.state.deleteBlob(name);
  }
  await opened.live(10);
  expect(upgradesOf(opened)).toHaveLength(before);
});

test("restores a proven package in a pool: one instance first, then half of the pool at a time", async () => {
  const opened = await openInstalled();
  const before = upgradesOf(opened).length;
  await opened.world.arm.aks.upgrade(opened.world.cluster.id, "win1", { image: "20348.9999" });
  await opened.live(60);
  const batches = upgradesOf(opened).slice(before);
  expect(batches[0]).toEqual({ instanceIds: ["0"] });
  expect(batches[1]).toEqual({ instanceIds: ["1", "2"] });
  // An instance whose vmssCSE has just succeeded waits for another 5 minutes.
  expect(batches.flatMap((each) => Object.values(Object(each)).flat())).toHaveLength(4);
});

test("verdicts keep their since across passes", async () => {
  const opened = await openInstalled();
  const since = async () => (await opened.pass()).plan.verdicts.map((verdict) => verdict.since);
  const first = await since();
  await opened.world.clock.advance(600_000);
  expect(await since()).toEqual(first);
});
