import { afterEach, expect, test } from "vitest";
import { extensionFlow } from "../../shared/extension/flow.ts";
import { findDue } from "../../shared/reconcile/due.ts";
import { openPasses, type Passes, setVerdicts } from "../passes.ts";
import { SHOP } from "../world.ts";

let passes: Passes | undefined;
afterEach(async () => {
  await passes?.world.stop();
  passes = undefined;
});

/** Advances the clock by a minute and runs what is due, as the two timers do; returns how many instances a pass saw. */
async function tick({ world, cluster, deps, pass, publish }: Passes): Promise<number> {
  await world.clock.advance(60_000);
  await publish();
  const due = await findDue({ flow: extensionFlow, cluster }, deps, AbortSignal.timeout(10_000));
  const report = due ? await pass() : undefined;
  return (report?.plan.verdicts ?? []).filter(({ subject }) => subject.kind === "instance").length;
}

test("nodes that the autoscaler adds are seen in the minute after their Nodes appear, although no event tells", async () => {
  const cluster = { ...SHOP, pools: [{ name: "win1", os: "Windows" as const, count: 2, image: "20348.3000" }] };
  const opened = await openPasses({ cluster });
  passes = opened;
  const { world, live, publish } = opened;
  await live(30);
  await publish();
  // The extension flow is at rest, and due again in up to 15 minutes.
  await opened.pass();
  await world.arm.actors.autoscale(world.cluster.id, "win1", 4);
  const nodes = async (): Promise<number> => (await world.kube.list("Node")).length;
  const before = await nodes();
  const seen: number[] = [];
  while ((await nodes()) === before && seen.length < 14) seen.push(await tick(opened));
  expect(seen.length).toBeLessThan(14);
  for (let minute = 0; minute < 2; minute++) seen.push(await tick(opened));
  expect(seen.slice(0, -3)).toEqual(seen.slice(0, -3).map(() => 0));
  expect(seen).toContain(4);
  // One request, not one every minute: after that the flow is at rest again.
  for (let minute = 0; minute < 4; minute++) expect(await tick(opened)).toBe(0);
  expect(setVerdicts(await opened.pass())).toEqual(["win1 at-rest"]);
});
