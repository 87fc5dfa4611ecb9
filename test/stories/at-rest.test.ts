import { afterAll, expect, test } from "vitest";
import { dependencies } from "../../shared/dependencies.ts";
import { endpointsFlow } from "../../shared/endpoints/flow.ts";
import { extensionFlow } from "../../shared/extension/flow.ts";
import type { Flow } from "../../shared/model/flow.ts";
import { parseClusterId } from "../../shared/model/ids.ts";
import { blobName } from "../../shared/reconcile/blobs.ts";
import { readStatus } from "../../shared/triggers/status.ts";
import { openBlobs, storageToken } from "../packages.ts";
import { openWorld } from "../world.ts";

const MINUTE_MS = 60_000;
const world = await openWorld();
const host = await world.load(() => import("../../functions/main.ts"));
const state = openBlobs(`${world.hostAccountUrl}/aks-windows-metrics`, storageToken(world));
const cluster = parseClusterId(world.cluster.id);
afterAll(() => world.stop());

/** Returns the version of a flow's report, which every pass that writes replaces. */
async function reportVersion(flow: Flow<never>): Promise<string | undefined> {
  return (await state.getBlobClient(blobName("reports", { flow, cluster })).getProperties()).etag;
}

/** Returns whether the status page shows a flow that no longer runs. */
async function isOverdue(): Promise<boolean> {
  return (await readStatus(dependencies(), "https://func-awm.example")).code === 503;
}

/** Returns how many writes Kubernetes and the scale sets have seen. */
function clusterWrites() {
  const kubernetes = world.simulator?.journal.filter(({ verb }) => !["GET", "LIST"].includes(verb)).length;
  const arm = world.arm.journal.filter(({ action }) => /(?:write|manualupgrade\/action)$/.test(action ?? "")).length;
  return { kubernetes, arm };
}

test("24 hours at rest: each flow writes at most every 5 minutes, and nothing to Kubernetes or to a scale set", async () => {
  await world.clock.advance(40 * MINUTE_MS);
  const writesBefore = clusterWrites();
  const written = new Map<Flow<never>, number>([extensionFlow, endpointsFlow].map((flow) => [flow, 0]));
  const versions = new Map<Flow<never>, string | undefined>();
  for (let minute = 0; minute < 24 * 60; minute++) {
    for (const [flow, count] of written) {
      const version = await reportVersion(flow);
      if (version !== versions.get(flow)) written.set(flow, count + 1);
      versions.set(flow, version);
    }
    await world.clock.advance(MINUTE_MS);
  }
  // The extension flow runs every 15 minutes; the endpoints flow every minute, of which every fifth writes.
  expect(written.get(endpointsFlow)).toBeLessThanOrEqual(24 * 12 + 1);
  expect(written.get(endpointsFlow)).toBeGreaterThan(24 * 11);
  expect(written.get(extensionFlow)).toBeLessThanOrEqual(24 * 4 + 1);
  expect(clusterWrites()).toEqual(writesBefore);
});

test("at rest, a failure is still written at once, and a flow that stops is overdue", async () => {
  const before = await reportVersion(endpointsFlow);
  world.simulator?.faults.push({ resource: "nodes", skip: 0, times: 1, status: 500 });
  await world.clock.advance(MINUTE_MS);
  expect(await reportVersion(endpointsFlow)).not.toBe(before);
  expect(await isOverdue()).toBe(false);
  // No worker runs any more.
  await host.stop();
  world.clock.clear();
  let minutes = 0;
  for (; minutes < 30 && !(await isOverdue()); minutes++) await world.clock.advance(MINUTE_MS);
  // Which of the two flows is due first depends on when the host stopped.
  expect(minutes).toBeGreaterThan(5);
  expect(minutes).toBeLessThan(12);
});
