import { afterEach, expect, test } from "vitest";
import { APP_OID, windowsNode } from "../contracts/kube-fixture.ts";
import { readManifests } from "../manifests.ts";
import { makePackage, publish } from "../packages.ts";
import { instanceStates, openPasses, type Passes } from "../passes.ts";
import { extensionOf, viewPublished } from "../sandbox/view.ts";
import type { KubeSimulator } from "../simulators/kubernetes/kube-simulator.ts";
import { SHOP, type WorldOptions } from "../world.ts";

const MINUTE_MS = 60_000;
const MANIFESTS = readManifests(APP_OID);
let passes: Passes | undefined;
afterEach(async () => {
  await passes?.world.stop();
  passes = undefined;
});

async function open(options: WorldOptions = {}, count = 3): Promise<Passes> {
  const cluster = { ...SHOP, pools: [{ name: "win1", os: "Windows" as const, count, image: "20348.3000" }] };
  passes = await openPasses({ cluster, ...options });
  return passes;
}

/** Returns the addresses of the Endpoints object and of the slices, sorted. */
async function published({ world }: Passes): Promise<{ endpoints: readonly string[]; slices: readonly string[] }> {
  const { endpoints, slices } = await viewPublished(world);
  return { endpoints: endpoints.toSorted(), slices: slices.flatMap(({ addresses }) => addresses).toSorted() };
}

const addressesOf = ({ world }: Passes): readonly string[] =>
  world.arm.world.scaleSets.flatMap(({ instances }) => instances.map(({ ip }) => ip)).toSorted();

function simulatorOf({ world: { simulator } }: Passes): KubeSimulator {
  if (!simulator) throw new Error("this world has a real control plane");
  return simulator;
}

const writesOf = (opened: Passes): number =>
  simulatorOf(opened).journal.filter(({ verb }) => !["GET", "LIST"].includes(verb)).length;

function clusterVerdict(report: Awaited<ReturnType<Passes["publish"]>>): string {
  const found = report.plan.verdicts.find(({ subject }) => subject.kind === "cluster");
  return [found?.state, found?.reason].filter(Boolean).join(" ");
}

test("publishes every Windows node once in each object, and then writes nothing more", async () => {
  const opened = await open();
  await opened.publish();
  const all = addressesOf(opened);
  expect(await published(opened)).toEqual({ endpoints: all, slices: all });
  const before = writesOf(opened);
  expect(clusterVerdict(await opened.publish())).toBe("in-sync");
  expect(writesOf(opened)).toBe(before);
});

test("an address is ready at most three minutes after the extension succeeded", async () => {
  const opened = await open({}, 1);
  const [instance] = opened.world.arm.world.scaleSets.flatMap(({ instances }) => instances);
  if (!instance) throw new Error("no instance");
  const times = { succeeded: 0, ready: 0 };
  for (let minute = 0; minute < 15 && times.ready === 0; minute++) {
    await opened.live(1);
    const { plan } = await opened.publish();
    const now = opened.world.clock.now();
    if (extensionOf(instance)?.state === "succeeded") times.succeeded ||= now;
    if (plan.verdicts.some(({ message = "" }) => message.endsWith(", ready"))) times.ready = now;
  }
  expect(times.succeeded).toBeGreaterThan(0);
  expect(times.ready - times.succeeded).toBeLessThanOrEqual(3 * MINUTE_MS);
  expect(opened.world.fleet.answers(instance.ip, 9182)).toBe(true);
});

test("a ready node stays ready without ARM, without memory, and with a new package", async () => {
  const opened = await open({}, 2);
  await opened.live(15);
  await opened.publish();
  const ready = async () => {
    const slices = await opened.world.kube.list("EndpointSlice");
    return JSON.stringify(slices.map(({ endpoints }) => endpoints)).match(/"ready":true/g)?.length ?? 0;
  };
  expect(await ready()).toBe(2);
  for await (const { name } of opened.state.listBlobsFlat({ prefix: "memory/" })) await opened.state.deleteBlob(name);
  opened.world.arm.faults.push({ match: () => true, times: 999, status: 503 });
  await opened.publish();
  expect(await ready()).toBe(2);

  // The new package fails on its canary and is held: one node has the old version, one failed, and both stay targets.
  opened.world.arm.faults.length = 0;
  await publish(opened.world.packageContainer, makePackage("0.31.9"));
  opened.world.arm.failExtension({ scaleSet: "akswin1", instanceId: "0", cause: "package", times: 9 });
  // After the loss of its memory, the app upgrades nothing for 15 minutes.
  const states = (await opened.live(35)).map(instanceStates);
  expect(states.at(-1)).toEqual({ failed: 1, current: 1 });
  await opened.publish();
  expect(await ready()).toBe(2);
});

test.each([
  { what: "fails on the second page", fault: { status: 500 } },
  { what: "ends in 410", fault: { status: 410 } },
])("a list of nodes that $what changes nothing, even if repeated", async ({ fault }) => {
  const opened = await open({}, 3);
  // More than one page.
  for (let index = 0; index < 600; index++) await opened.world.kube.putNode(windowsNode(index + 1000));
  await opened.publish();
  const before = await published(opened);
  expect(before.slices).toHaveLength(603);
  for (let times = 0; times < 3; times++) {
    simulatorOf(opened).faults.push({ verb: "LIST", resource: "nodes", skip: 1, times: 1, ...fault });
    await opened.world.clock.advance(MINUTE_MS);
    expect((await opened.publish()).failure).toBeDefined();
    expect(await published(opened)).toEqual(before);
    simulatorOf(opened).faults.length = 0;
  }
});

test("publishes the loss of most nodes only in a second pass, a minute later", async () => {
  const opened = await open({}, 4);
  await opened.publish();
  const all = await published(opened);
  for (const { metadata } of (await opened.world.kube.list("Node")).slice(1)) {
    await opened.world.kube.deleteNode(metadata.name);
  }
  expect(clusterVerdict(await opened.publish())).toBe("waiting shrinks");
  expect(await published(opened)).toEqual(all);
  await opened.world.clock.advance(30_000);
  expect(clusterVerdict(await opened.publish())).toBe("waiting shrinks");
  await opened.world.clock.advance(30_000);
  await opened.publish();
  expect((await published(opened)).slices).toHaveLength(1);
});

test("writes nothing without the Service, and publishes again with a new one", async () => {
  const opened = await open();
  await opened.publish();
  await opened.world.kube.delete("Service", "windows-exporter");
  expect(clusterVerdict(await opened.publish())).toBe("refused service-missing");
  for (const object of MANIFESTS) if (object.kind === "Service") await opened.world.kube.apply(object);
  await opened.publish();
  const all = addressesOf(opened);
  expect(await published(opened)).toEqual({ endpoints: all, slices: all });
});

test("changes nothing while the Service is paused", async () => {
  const opened = await open();
  const service = MANIFESTS.find(({ kind }) => kind === "Service");
  if (!service) throw new Error("no Service in the manifests");
  const annotations = { "aks-windows-metrics/paused": "true" };
  await opened.world.kube.apply({ ...service, metadata: { ...service.metadata, annotations } });
  expect(clusterVerdict(await opened.publish())).toBe("waiting paused");
  expect(writesOf(opened)).toBe(0);
});

test("a second app with another OWNER refuses to write", async () => {
  const opened = await open();
  await opened.publish();
  const before = writesOf(opened);
  const settings = { OWNER: "another", STATE_CONTAINER_URL: `${opened.world.hostAccountUrl}/another` };
  expect(clusterVerdict(await opened.beside(settings))).toBe("refused another-app");
  expect(writesOf(opened)).toBe(before);
});

test("a resync with adopt takes over what another OWNER publishes, once, and with one pool nothing", async () => {
  const opened = await open();
  await opened.publish();
  const settings = { OWNER: "another", STATE_CONTAINER_URL: `${opened.world.hostAccountUrl}/another` };
  const whole = await published(opened);
  expect(clusterVerdict(await opened.beside(settings, { pool: "win1" }))).toBe("refused another-app");
  expect(clusterVerdict(await opened.beside(settings, { pool: undefined }))).toBe("acting adopted");
  expect(clusterVerdict(await opened.beside(settings))).toBe("in-sync");
  expect(await published(opened)).toEqual(whole);
  // The former owner takes nothing back by itself, and takes it over in turn if it is asked to.
  expect(clusterVerdict(await opened.publish())).toBe("refused another-app");
  expect(clusterVerdict(await opened.beside({}, { pool: undefined }))).toBe("acting adopted");
  expect(clusterVerdict(await opened.beside(settings))).toBe("refused another-app");
});

test("refuses a Service with a selector, and continues after the fix", async () => {
  const opened = await open();
  await opened.publish();
  const before = writesOf(opened);
  const service = MANIFESTS.find(({ kind }) => kind === "Service");
  if (!service) throw new Error("no Service in the manifests");
  await opened.world.kube.apply({
    ...service,
    spec: { ports: [{ name: "metrics", port: 9182 }], selector: { app: "x" } },
  });
  const report = await opened.publish();
  expect(clusterVerdict(report)).toBe("refused service-selects");
  expect(report.plan.verdicts[0]?.message).toMatch(/remove the selector$/);
  expect(writesOf(opened)).toBe(before);
  await opened.world.kube.apply(service);
  expect(clusterVerdict(await opened.publish())).toBe("in-sync");
});

test("does not overwrite fields of another manager, and names it in a verdict", async () => {
  const opened = await open();
  await opened.publish();
  const endpoints = await opened.world.kube.get("Endpoints", "windows-exporter");
  if (!endpoints) throw new Error("no Endpoints");
  const { apiVersion, kind, metadata } = endpoints;
  const subsets = [{ addresses: [{ ip: "10.9.9.9" }], ports: [{ name: "metrics", port: 9182 }] }];
  await opened.world.kube.apply({ apiVersion, kind, metadata: { name: metadata.name }, subsets }, "someone-else");
  const [first, second] = [await opened.publish(), await opened.publish()];
  expect(first.outcomes).toMatchObject([{ status: "done" }, { status: "dropped", reason: "another-manager" }]);
  const named = second.plan.verdicts.find(({ reason }) => reason === "another-manager");
  expect(named?.message).toContain("someone-else");
  expect((await published(opened)).endpoints).toEqual(["10.9.9.9"]);
});
