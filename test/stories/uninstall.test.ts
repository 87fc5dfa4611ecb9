import { afterEach, describe, expect, test } from "vitest";
import { makePackage, publish } from "../packages.ts";
import type { Passes } from "../passes.ts";
import { viewPublished } from "../sandbox/view.ts";
import { failRuns } from "./failing-runs.ts";
import { problemIn, see, statesIn } from "./seen.ts";
import {
  allowDelete,
  exportersOn,
  isInModel,
  killAt,
  MAY_DELETE,
  openPools,
  setOf,
  untilDeleted,
  untilInstalled,
  untilReport,
  writesTo,
} from "./uninstall-scenes.ts";

const DAY_MINUTES = 24 * 60;
const UNINSTALLED = { UNINSTALL_POOLS: "win1" };
let opened: Passes | undefined;
afterEach(async () => {
  await opened?.world.stop();
  opened = undefined;
});

async function openInstalled(counts: readonly number[], options = MAY_DELETE): Promise<Passes> {
  opened = await openPools(counts, options);
  await untilInstalled(opened);
  return opened;
}

/** Returns the condition of the pool that a person reads. */
async function conditionOf(passes: Passes) {
  const seen = await see(passes);
  return seen.pools.find(({ pool }) => pool === "win1")?.conditions[0];
}

/** Returns how many minutes passed from the first attempt on instance 2 in a part of the journal until the deletion. */
function minutesUntilDeletion({ world }: Passes, from: number): number {
  const entries = world.arm.journal.slice(from);
  const attempt = entries.find(
    ({ path, body }) => path.endsWith("/manualupgrade") && JSON.stringify(body).includes('"2"'),
  );
  const deletion = entries.find(({ method }) => method === "DELETE");
  return (Date.parse(deletion?.at ?? "") - Date.parse(attempt?.at ?? "")) / 60_000;
}

test("a pool is uninstalled, one node first, and another one goes on", async () => {
  const installed = await openInstalled([3, 1]);
  await installed.publish();
  const before = writesTo(installed).length;
  const passes = installed.restart(UNINSTALLED);
  const next = makePackage("0.31.9");
  await publish(passes.world.packageContainer, next);
  await untilDeleted(passes);
  expect(writesTo(passes).slice(before)).toEqual(["PUT Absent", "upgrade 0", "upgrade 1,2", "DELETE"]);
  expect([exportersOn(passes), exportersOn(passes, "win2")]).toEqual([[], ["0"]]);
  await passes.live(15);
  for (let minute = 0; minute < 3; minute++) {
    await passes.world.clock.advance(60_000);
    await passes.publish();
  }
  const seen = await see(passes);
  expect(statesIn(seen)).toEqual(["excluded", "excluded", "excluded", "covered"]);
  expect(seen.nodes[0]).toMatchObject({ reason: "uninstall", message: "The pool is in UNINSTALL_POOLS." });
  expect(seen.page).toContain("The pool is in UNINSTALL_POOLS.");
  expect(seen.nodes[3]?.package).toBe(next.hash);
  expect(seen.problems).toEqual([]);
  expect(await conditionOf(passes)).toMatchObject({
    state: "excluded",
    message: "No instance has the exporter any more",
  });
  expect(seen.timeline.map(({ text }) => text)).toContain("The app removed the extension from the model of win1.");
  expect((await viewPublished(passes.world)).endpoints).toHaveLength(1);
  const atRest = writesTo(passes).length;
  await passes.live(60);
  expect(writesTo(passes)).toHaveLength(atRest);
  expect(passes.world.arm.world.violations).toEqual([]);
});

test("a pool whose only package is held is uninstalled with it", async () => {
  opened = await openPools([2]);
  failRuns(opened.world.dsc, "package", ({ settings }) => !JSON.stringify(settings).includes("Absent"));
  await opened.live(20);
  expect((await see(opened)).conditions.map(({ reason }) => reason)).toContain("canary-failed");
  expect(isInModel(opened)).toBe(true);
  const passes = opened.restart({ UNINSTALL_POOLS: "*" });
  await untilDeleted(passes);
  expect(writesTo(passes).slice(-3)).toEqual(["PUT Absent", "upgrade 0", "DELETE"]);
  expect((await see(passes)).problems.filter(({ pool }) => pool !== undefined)).toEqual([]);
});

test("a stopped and a failing instance: the extension goes after 24 hours, and returns for the one that starts", async () => {
  const installed = await openInstalled([3], { ...MAY_DELETE, settings: { RESYNC_AFTER: "PT1H" } });
  const { arm, dsc } = installed.world;
  await arm.aks.deallocate("akswin1", "1");
  failRuns(dsc, "node", ({ instance, settings }) => instance.id === "2" && JSON.stringify(settings).includes("Absent"));
  const passes = installed.restart(UNINSTALLED);
  const from = arm.journal.length;
  await passes.live(60);
  expect((await conditionOf(passes))?.message).toMatch(
    /1 uninstalled.*; the removal fails on akswin1000002 \(.*Port 9182/,
  );
  await passes.live(DAY_MINUTES - 90);
  expect(isInModel(passes)).toBe(true);
  await untilDeleted(passes);
  await passes.live(5);
  expect(minutesUntilDeletion(passes, from)).toBeGreaterThanOrEqual(DAY_MINUTES);
  const kept =
    /^These instances can still have the exporter: akswin1000001 \(the VM is not running\), akswin1000002 \(/;
  expect(await conditionOf(passes)).toMatchObject({ state: "excluded", message: expect.stringMatching(kept) });
  expect(exportersOn(passes)).toEqual(["1", "2"]);

  const before = writesTo(passes).length;
  await arm.aks.start("akswin1", "1");
  await passes.live(5);
  await passes.pass();
  await untilDeleted(passes);
  expect(writesTo(passes).slice(before)).toEqual(["PUT Absent", "upgrade 1", "DELETE"]);
  expect(exportersOn(passes)).toEqual(["2"]);
});

test("while the permission to delete is missing, the page names the parameter; with it, the app goes on", async () => {
  const passes = (await openInstalled([2], {})).restart(UNINSTALLED);
  await untilReport(passes, ({ uninstalled }) => uninstalled === 2);
  await passes.live(10);
  const { remedy, message } = problemIn(await see(passes), "denied");
  expect(message).toMatch(/lacks the permission .*extensions\/delete.* ALLOW_UNINSTALL=true/);
  expect(remedy?.command).toBe("ALLOW_UNINSTALL=true bash infra/operate/deploy.sh");
  expect(isInModel(passes)).toBe(true);
  await allowDelete(passes);
  await untilDeleted(passes);
  expect((await see(passes)).problems).toEqual([]);
});

const PHASES = [
  { kind: "put-extension", when: "after" },
  { kind: "upgrade-instances", when: "after" },
  { kind: "delete-extension", when: "before" },
  { kind: "delete-extension", when: "after" },
] as const;

describe.each(PHASES)("an app that was killed $when $kind", ({ kind, when }) => {
  test("goes on, and installs again when the pool is taken out", async () => {
    const passes = (await openInstalled([2])).restart(UNINSTALLED);
    await killAt(passes, kind, when);
    await untilDeleted(passes);
    await passes.live(15);
    expect(exportersOn(passes)).toEqual([]);
    const again = passes.restart({ UNINSTALL_POOLS: "" });
    await again.live(10);
    await untilInstalled(again);
    expect(writesTo(again).findLast((each) => each.startsWith("PUT"))).toBe("PUT Present");
    expect([isInModel(again), exportersOn(again)]).toEqual([true, ["0", "1"]]);
  });

  test("installs again at once if the pool is taken out then", async () => {
    const passes = (await openInstalled([2])).restart(UNINSTALLED);
    await killAt(passes, kind, when);
    const again = passes.restart({ UNINSTALL_POOLS: "" });
    await again.live(10);
    await untilInstalled(again);
    expect(writesTo(again).findLast((each) => each.startsWith("PUT"))).toBe("PUT Present");
    expect([isInModel(again), exportersOn(again)]).toEqual([true, ["0", "1"]]);
    expect(setOf(again).instances).toHaveLength(2);
  });
});
