import { afterEach, expect, test } from "vitest";
import type { Report } from "../../shared/model/report.ts";
import { instanceStates, openPasses, type Passes, setVerdicts } from "../passes.ts";
import { SHOP } from "../world.ts";
import { liveDays } from "./days.ts";
import { failRuns } from "./failing-runs.ts";

let passes: Passes | undefined;
afterEach(async () => {
  await passes?.world.stop();
  passes = undefined;
});

async function open(count: number): Promise<Passes> {
  const cluster = { ...SHOP, pools: [{ name: "win1", os: "Windows" as const, count, image: "20348.3000" }] };
  passes = await openPasses({ cluster, settings: { RESYNC_AFTER: "PT1H" } });
  return passes;
}

const HOUR = 60;

/** Takes the nodes' way to the package away; returns a function that gives it back. */
const cutEgress = ({ world: { dsc } }: Passes) => failRuns(dsc, "download");

/** Runs passes until every instance is current; returns how many minutes that took. */
async function minutesUntilCurrent({ live, world }: Passes, count: number, atMost: number): Promise<number> {
  const since = world.clock.now();
  let last: Report | undefined;
  while (instanceStates(last)["current"] !== count && world.clock.now() - since < atMost * 60_000) {
    last = (await live(1)).at(-1) ?? last;
  }
  expect(instanceStates(last)).toEqual({ current: count });
  return Math.round((world.clock.now() - since) / 60_000);
}

test("nodes that were added while the package could not be reached heal by themselves, within the step of their ladder", async () => {
  const opened = await open(3);
  await opened.live(20);
  const repair = cutEgress(opened);
  await opened.world.arm.aks.scale(opened.world.cluster.id, "win1", 20);
  const report = (await opened.live(2 * HOUR)).at(-1);
  expect(instanceStates(report)).toEqual({ current: 3, failed: 17 });
  expect(setVerdicts(report)[0]).toMatch(/^win1 (waiting retry|converging missing)$/);
  repair();
  expect(await minutesUntilCurrent(opened, 20, 2 * HOUR)).toBeLessThanOrEqual(HOUR + 30);
});

test("a resync retries them at once", async () => {
  const opened = await open(3);
  await opened.live(20);
  const repair = cutEgress(opened);
  await opened.world.arm.aks.scale(opened.world.cluster.id, "win1", 6);
  await opened.live(3 * HOUR);
  repair();
  await opened.pass("resync");
  expect(await minutesUntilCurrent(opened, 6, HOUR)).toBeLessThanOrEqual(15);
});

test("a first install without egress for 2 hours ends with every node installed, by the ladder alone", async () => {
  const opened = await open(5);
  const repair = cutEgress(opened);
  const report = (await opened.live(2 * HOUR)).at(-1);
  expect(instanceStates(report)).toEqual({ failed: 3, outdated: 2 });
  expect(setVerdicts(report)).toEqual(["win1 held canary-failed"]);
  repair();
  expect(await minutesUntilCurrent(opened, 5, 7 * HOUR)).toBeLessThanOrEqual(6 * HOUR + 30);
});

test("in 7 days without egress, a set is written at most 12 times a day, and less every day", async () => {
  const opened = await open(3);
  cutEgress(opened);
  const days = await liveDays(opened, 7);
  expect(Math.max(...days.slice(1))).toBeLessThanOrEqual(12);
  expect(days.at(-1)).toBeLessThanOrEqual(6);
});
