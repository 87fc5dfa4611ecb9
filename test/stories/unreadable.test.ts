import { afterEach, expect, test } from "vitest";
import { instanceStates, openPasses, type Passes, reportText, setVerdicts } from "../passes.ts";
import { SHOP } from "../world.ts";

let passes: Passes | undefined;
afterEach(async () => {
  await passes?.world.stop();
  passes = undefined;
});

const LIST = /\/akswin1\/virtualMachines$/i;
const readsOf = ({ world }: Passes): number =>
  world.arm.journal.filter(({ who, path }) => who === "app" && LIST.test(path)).length;

async function openInstalled(): Promise<Passes> {
  passes = await openPasses({ cluster: SHOP });
  await passes.live(20);
  expect(instanceStates(await passes.pass())).toEqual({ current: 5 });
  return passes;
}

function fail({ world }: Passes, status: number, headers: Record<string, string> = {}): () => void {
  const fault = {
    match: (method: string, path: string) => method === "GET" && LIST.test(path),
    times: Number.POSITIVE_INFINITY,
    status,
    headers,
    body: { error: { code: "InternalServerError", message: "An error occurred." } },
  };
  world.arm.faults.push(fault);
  return () => {
    fault.times = 0;
  };
}

test("one pool whose list answers 500 for an hour does not keep another from healing, and heals after it", async () => {
  const opened = await openInstalled();
  const repair = fail(opened, 500);
  const { aks } = opened.world.arm;
  await aks.reconcile(opened.world.cluster.id, "win2");
  // The SDK itself tries each of these lists twice, in real time.
  await opened.live(60);
  const report = await opened.pass();
  expect(setVerdicts(report)).toEqual(["win2 at-rest", "win1 unreadable read-failed"]);
  expect(report.failure).toBeUndefined();
  expect(reportText(report).verdicts.join("\n")).toContain("list instances of akswin1");
  expect(instanceStates(report)).toEqual({ current: 2 });
  repair();
  await opened.live(6);
  expect(setVerdicts(await opened.pass())).toEqual(["win1 at-rest", "win2 at-rest"]);
});

test("a list that answers 429 is not read before the time in Retry-After, also by a resync", async () => {
  const opened = await openInstalled();
  const repair = fail(opened, 429, { "retry-after": "1800" });
  await opened.live(16);
  const before = readsOf(opened);
  await opened.live(10);
  const report = await opened.pass("resync");
  expect(setVerdicts(report)).toEqual(["win2 at-rest", "win1 unreadable throttled"]);
  expect(readsOf(opened)).toBe(before);
  repair();
  await opened.live(31);
  expect(setVerdicts(await opened.pass())).toEqual(["win1 at-rest", "win2 at-rest"]);
});
