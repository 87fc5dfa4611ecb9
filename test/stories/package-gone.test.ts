import { afterEach, expect, test } from "vitest";
import { makePackage, publish } from "../packages.ts";
import { instanceStates, openPasses, type Passes, setVerdicts } from "../passes.ts";
import { extensionOf } from "../sandbox/view.ts";
import { SHOP } from "../world.ts";

let passes: Passes | undefined;
afterEach(async () => {
  await passes?.world.stop();
  passes = undefined;
});

const FIRST = makePackage("0.31.8");

/** A pool on which the first package is proven, and a second one is published and gone again before any pass saw it. */
async function openProven(settings = {}): Promise<Passes & { readonly next: string }> {
  const cluster = { ...SHOP, pools: [{ name: "win1", os: "Windows" as const, count: 2, image: "20348.3000" }] };
  const opened = await openPasses({ cluster, settings, package: FIRST });
  passes = opened;
  await opened.live(25);
  expect(instanceStates(await opened.pass())).toEqual({ current: 2 });
  const next = makePackage("0.31.9", [opened.world.package.hash]);
  await publish(opened.world.packageContainer, next);
  return { ...opened, next: next.hash };
}

const installedOn = ({ world }: Passes): readonly (string | undefined)[] =>
  (world.arm.world.scaleSets[0]?.instances ?? []).map((each) => extensionOf(each)?.installed);

test("if the named package is gone when AKS drops the extension, the pool gets the proven one", async () => {
  const opened = await openProven();
  const { world, next } = opened;
  await world.packageContainer.deleteBlob(`${next}.zip`);
  await world.arm.aks.upgrade(world.cluster.id, "win1", { image: "20348.4000" });
  await opened.live(60);
  const report = await opened.pass();
  expect(installedOn(opened)).toEqual([world.package.hash, world.package.hash]);
  expect(setVerdicts(report)).toEqual(["win1 at-rest"]);
  expect(report.plan.verdicts[0]).toMatchObject({ state: "package-unusable", reason: "package-unusable" });
});

test("a named package that is not allowed is never written, and the pool gets the proven one after AKS emptied it", async () => {
  const opened = await openProven({ PACKAGE_ALLOWED: FIRST.hash });
  const { world } = opened;
  await world.arm.aks.upgrade(world.cluster.id, "win1", { image: "20348.4000" });
  await opened.live(60);
  expect(installedOn(opened)).toEqual([FIRST.hash, FIRST.hash]);
  expect(setVerdicts(await opened.pass())).toEqual(["win1 at-rest"]);
  const written = world.arm.journal.filter(({ method, path }) => method === "PUT" && path.includes("/extensions/"));
  expect(JSON.stringify(written)).not.toContain(opened.next);
});

test("when the package is back, the pool gets it", async () => {
  const opened = await openProven();
  const { world, next } = opened;
  await world.packageContainer.deleteBlob(`${next}.zip`);
  await world.arm.aks.reconcile(world.cluster.id, "win1");
  await opened.live(30);
  await publish(world.packageContainer, makePackage("0.31.9", [world.package.hash]));
  await opened.live(40);
  expect(installedOn(opened)).toEqual([next, next]);
});
