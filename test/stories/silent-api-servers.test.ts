import { afterAll, expect, test } from "vitest";
import { endpointsFlow } from "../../shared/endpoints/flow.ts";
import { runTimer } from "../../shared/triggers/timer.ts";
import { APP_OID, windowsNode } from "../contracts/kube-fixture.ts";
import { readManifests } from "../manifests.ts";
import { ALL_CLUSTERS, clusterNextToShop, longest, passTimes } from "../several-clusters.ts";
import { openFront } from "../simulators/kubernetes/front.ts";
import { startKubeSimulator } from "../simulators/kubernetes/kube-simulator.ts";
import { openWorld, SHOP } from "../world.ts";

const SILENT = 16;
/** The client's time-out for a connection: before that, no pass of a silent API server ends. */
const CONNECT_MS = 5000;
const names = Array.from({ length: 24 }, (_, index) => `c${String(index).padStart(2, "0")}`);
const world = await openWorld({
  settings: { AKS_CLUSTER_IDS: names.map(clusterNextToShop).join(","), MODE: "install" },
  assignments: () => ALL_CLUSTERS,
});
const { clock, certificate } = world;
const fleet = await Promise.all(
  names.map(async (name) => {
    const api = await startKubeSimulator({ clock, certificate, manifests: readManifests(APP_OID) });
    const front = await openFront(api.url, certificate);
    const cluster = world.arm.aks.addCluster({ ...SHOP, name, pools: [] });
    cluster.apiServer = { url: front.url, caPem: api.caPem };
    return { id: clusterNextToShop(name), api, front };
  }),
);
afterAll(async () => {
  await Promise.all(fleet.flatMap(({ api, front }) => [front.close(), api.close()]));
  await world.stop();
});

/** The first ones in AKS_CLUSTER_IDS: their passes take their places before those of the others. */
const silent = fleet.slice(0, SILENT);
const healthy = fleet.slice(SILENT);

const lines: string[] = [];
const logger = { log: (line: string) => void lines.push(line), warn: (line: string) => void lines.push(line) };

let nodes = 0;
/** Begins the next tick. Every cluster has a new node, so that its pass has something to publish. */
async function tick(flow = endpointsFlow) {
  nodes += 1;
  for (const { api } of fleet) await api.putNode(windowsNode(nodes));
  await clock.advance(60_000);
  lines.length = 0;
  return { startedAt: clock.now(), run: runTimer(flow, logger) };
}

const times = (clusters: typeof fleet, startedAt: number) =>
  passTimes(
    endpointsFlow,
    clusters.map(({ id }) => id),
    startedAt,
  );

/** Begins a tick, and ends it once every healthy cluster has published: the silent API servers close the connections. */
async function shortTick(flow: typeof endpointsFlow): Promise<number> {
  fallSilent();
  const { startedAt, run } = await tick(flow);
  const closing = async (): Promise<void> => {
    await expect.poll(() => times(healthy, startedAt), { timeout: 30_000, interval: 250 }).not.toContain(undefined);
    for (const { front } of silent) front.set("closed");
  };
  await Promise.all([expect(run).rejects.toThrow(/^calls failed/), closing()]);
  return longest(await times(healthy, startedAt));
}

/** Returns the shortest time of up to two ticks: on a machine with other work, a tick can take a second more. */
async function bestTick(enoughMs: number, flow = endpointsFlow, ticks = 2): Promise<number> {
  const ms = await shortTick(flow);
  return ms < enoughMs || ticks === 1 ? ms : Math.min(ms, await bestTick(enoughMs, flow, ticks - 1));
}

function fallSilent(): void {
  // Half of the API servers accept the connection only, the others also answer the TLS handshake.
  for (const [index, { front }] of silent.entries()) front.set(index % 2 === 0 ? "no-tls" : "no-http");
}

test("16 of 24 API servers that never answer delay no healthy cluster by more than a second", async () => {
  const first = await tick();
  await first.run;
  const usual = await tick();
  await usual.run;
  const usualMs = longest(await times(fleet, usual.startedAt));
  expect(usualMs).toBeLessThan(CONNECT_MS);

  // With the client's own time-outs: 5 s for a connection, 20 s for a response.
  fallSilent();
  const { startedAt, run } = await tick();
  await expect(run).rejects.toThrow(/^calls failed/);
  const failures = lines.filter((line) => line.startsWith("failed "));
  expect(failures.filter((line) => line.includes("no connection within 5 s"))).toHaveLength(SILENT / 2);
  expect(failures.filter((line) => line.includes("no response within 20 s"))).toHaveLength(SILENT / 2);
  // No healthy cluster waited until a silent one had left its place.
  expect(longest(await times(healthy, startedAt))).toBeLessThan(CONNECT_MS);

  const latestMs = usualMs + 1000;
  expect(await bestTick(latestMs)).toBeLessThan(latestMs);
  // From the second tick on also where the silent ones could take every place.
  expect(await bestTick(latestMs, { ...endpointsFlow, concurrency: healthy.length })).toBeLessThan(latestMs);
});
