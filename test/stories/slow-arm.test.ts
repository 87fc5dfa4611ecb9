import { afterAll, expect, test } from "vitest";
import { dependencies } from "../../shared/dependencies.ts";
import { extensionFlow } from "../../shared/extension/flow.ts";
import { requestPass } from "../../shared/reconcile/requests.ts";
import { runTimer } from "../../shared/triggers/timer.ts";
import { ALL_CLUSTERS, clusterNextToShop, longest, passTimes } from "../several-clusters.ts";
import { openWorld, SHOP } from "../world.ts";

const NAMES = ["failing", "slow", "healthy"];
const ids = NAMES.map(clusterNextToShop);
const world = await openWorld({
  settings: { AKS_CLUSTER_IDS: ids.join(","), CLUSTER_CONCURRENCY: "2" },
  assignments: () => ALL_CLUSTERS,
});
const { clock, arm } = world;
for (const name of NAMES) arm.aks.addCluster({ ...SHOP, name });
afterAll(() => world.stop());

const lines: string[] = [];
const logger = { log: (line: string) => void lines.push(line), warn: (line: string) => void lines.push(line) };

/** Begins a tick at which every cluster is due. */
async function tick() {
  await clock.advance(60_000);
  const signal = AbortSignal.timeout(10_000);
  for (const cluster of ids) await requestPass(dependencies(), { flow: extensionFlow, cluster }, "event", signal);
  lines.length = 0;
  return { startedAt: clock.now(), run: runTimer(extensionFlow, logger) };
}

/** Returns a matcher of the lists of a cluster's instances. */
const listsVms = (name: string) => (method: string, path: string) =>
  method === "GET" && path.includes(`_${name}_`) && path.endsWith("/virtualMachines");

test("a cluster whose ARM calls fail and one whose calls take a minute delay no other cluster", async () => {
  const first = await tick();
  await first.run;
  const usual = await tick();
  await usual.run;
  const usualMs = longest(await passTimes(extensionFlow, ids, usual.startedAt));

  arm.faults.push({
    match: (method, path) => method === "GET" && /\/managedclusters\/failing$/i.test(path),
    times: 9,
    status: 403,
    body: { error: { code: "AuthorizationFailed", message: "planted" } },
  });
  arm.latencies.push({ match: listsVms("slow"), times: 1, ms: 60_000 });
  const { startedAt, run } = await tick();
  const finished = () => passTimes(extensionFlow, ids, startedAt);
  const whileSlow = async (): Promise<void> => {
    await expect.poll(finished, { timeout: 30_000 }).toEqual([undefined, undefined, expect.any(Number)]);
    // The bound leaves room for other work on the machine; a pass that waits for the slow one does not end at all.
    expect((await finished())[2]).toBeLessThan(usualMs + 10_000);
    // The invocation still waits for the slow cluster. No host holds the clock here, so a minute can pass at once.
    expect(lines).toEqual([]);
    await clock.advance(60_000);
  };
  await Promise.all([expect(run).rejects.toThrow(/^calls failed: \S+\/failing: .*planted$/), whileSlow()]);
  const [failing, slow] = await finished();
  expect(failing).toBeUndefined();
  expect(slow).toBeGreaterThanOrEqual(60_000);
  expect(arm.latencies).toMatchObject([{ times: 0 }]);
});
