import { afterEach, expect, test } from "vitest";
import { makePackage, publish } from "../packages.ts";
import { instanceStates, openPasses, type Passes, setVerdicts } from "../passes.ts";
import { extensionOf } from "../sandbox/view.ts";
import type { PoolSpec } from "../simulators/arm/world.ts";
import { SHOP, type WorldOptions } from "../world.ts";
import { failRuns } from "./failing-runs.ts";

let passes: Passes | undefined;
afterEach(async () => {
  await passes?.world.stop();
  passes = undefined;
});

async function open(options: WorldOptions = {}, pool: Partial<PoolSpec> = {}): Promise<Passes> {
  const win1 = { name: "win1", os: "Windows" as const, count: 4, image: "20348.3000", ...pool };
  passes = await openPasses({ cluster: { ...SHOP, pools: [win1] }, ...options });
  return passes;
}

const HOUR = 60;
const statesOf = ({ world }: Passes): readonly (string | undefined)[] =>
  (world.arm.world.scaleSets[0]?.instances ?? []).map((each) => extensionOf(each)?.state);
const installedOn = ({ world }: Passes): number =>
  (world.arm.world.scaleSets[0]?.instances ?? []).filter((each) => extensionOf(each)?.installed).length;
const upgradesOf = ({ world }: Passes): number =>
  world.arm.journal.filter(({ path }) => path.endsWith("/manualupgrade")).length;

/** How Azure may show a failure that the model suppresses, and what a run that succeeded may show. */
const AZURES = [
  { azure: "failures as failed", unknowns: {} },
  { azure: "suppressed failures as succeeded", unknowns: { suppressedFailureShows: false } },
  { azure: "no substatus", unknowns: { substatuses: "never" } },
  { azure: "neither", unknowns: { suppressedFailureShows: false, substatuses: "never" } },
] as const;

test.each(AZURES)(
  "a package that fails everywhere reaches one instance only, where Azure shows $azure",
  async (row) => {
    const opened = await open({ arm: { unknowns: row.unknowns } });
    failRuns(opened.world.dsc, "package");
    for (let hour = 0; hour < 3; hour++) {
      await opened.live(HOUR);
      await opened.pass("resync");
    }
    await opened.live(HOUR);
    expect(statesOf(opened).filter((each) => each !== undefined)).toHaveLength(1);
    expect(installedOn(opened)).toBe(0);
    expect(setVerdicts(await opened.pass())).toEqual(["win1 held package-held"]);
  },
);

test.each([
  {
    failure: "not-healthy",
    others: [undefined, undefined, undefined],
    why: "the exporter of the package does not answer",
  },
  { failure: "node", others: ["succeeded", "succeeded", "succeeded"], why: "a process on that node has the port" },
  {
    failure: "installer-busy",
    others: ["succeeded", "succeeded", "succeeded"],
    why: "another installation runs there",
  },
] as const)("$why: the other nodes are $others", async ({ failure, others }) => {
  const opened = await open();
  opened.world.arm.failExtension({ scaleSet: "akswin1", instanceId: "0", cause: failure, times: 99 });
  await opened.live(30);
  expect(statesOf(opened).slice(1)).toEqual(others);
});

const FORMS: readonly NonNullable<PoolSpec["imageForm"]>[] = ["gallery", "marketplace", "shared", "community", "none"];

test.each(FORMS)(
  "no live node is reimaged after AKS wrote another image into the model, in the form %s",
  async (imageForm) => {
    const opened = await open({}, { imageForm });
    await opened.live(30);
    const { arm, cluster, packageContainer, package: first } = opened.world;
    const installed = installedOn(opened);
    // AKS writes the image of the next upgrade, and does not replace the nodes yet. A new package is a reason to upgrade.
    for (const pool of arm.world.clusters.flatMap(({ pools }) => pools)) pool.image = "20348.9999";
    await arm.aks.reconcile(cluster.id, "win1");
    await opened.live(20);
    await publish(packageContainer, makePackage("0.31.9", [first.hash]));
    await opened.pass("resync");
    await opened.live(HOUR);
    expect(arm.world.violations).toEqual([]);
    expect(installedOn(opened)).toBe(installed);
    expect(instanceStates(await opened.pass())).toEqual({ "awaiting-aks": 4 });
  },
);

test("a run without a time in its status is stuck after 32 minutes, and is retried by the ladder", async () => {
  const opened = await open({
    arm: { unknowns: { extensionStatusTime: "absent", pendingExtensionStatuses: "absent" } },
    extensionMs: 10 * 60 * 60_000,
  });
  await opened.live(12);
  expect(instanceStates(await opened.pass())).toEqual({ installing: 1, outdated: 3 });
  await opened.live(40);
  expect(instanceStates(await opened.pass())).toMatchObject({ failed: 1 });
});

test("a resync during the wait of Retry-After writes nothing before its end", async () => {
  const opened = await open();
  const body = { error: { code: "OperationNotAllowed", message: "too many requests" } };
  const throttled = { status: 429, headers: { "retry-after": "1200" }, body };
  opened.world.arm.faults.push({ match: (method) => method === "PUT", times: 2, ...throttled });
  await opened.pass();
  const putsOf = (): number => opened.world.arm.journal.filter(({ method }) => method === "PUT").length;
  const before = putsOf();
  await opened.live(2);
  expect(setVerdicts(await opened.pass("resync"))).toEqual(["win1 waiting throttled"]);
  await opened.live(16);
  expect(putsOf()).toBe(before);
  await opened.live(4);
  expect(putsOf()).toBeGreaterThan(before);
});

test("a silent agent costs one run and its retries, and does not stop the other nodes", async () => {
  const opened = await open();
  opened.world.arm.failExtension({ scaleSet: "akswin1", instanceId: "0", cause: "agent", times: 999 });
  await opened.live(2 * HOUR);
  expect(statesOf(opened).slice(1)).toEqual(["succeeded", "succeeded", "succeeded"]);
  const days: number[] = [];
  for (let day = 0; day < 3; day++) {
    const before = upgradesOf(opened);
    await opened.live(24 * HOUR);
    days.push(upgradesOf(opened) - before);
  }
  expect(Math.max(...days)).toBeLessThanOrEqual(6);
  expect(days.at(-1)).toBeLessThanOrEqual(2);
});
