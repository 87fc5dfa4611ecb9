import { existsSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KubeObject } from "../contracts/cluster-admin.ts";
import { inParallel, windowsNode } from "../contracts/kube-fixture.ts";
import { openPasses, type Passes } from "../passes.ts";
import { type Fleet, startFleet } from "../simulators/fleet.ts";
import { SHOP } from "../world.ts";
import { startControlPlane } from "./control-plane.ts";
import type { ScrapeJob } from "./prometheus-config.ts";
import { type Prometheus, type Sample, startPrometheus, type Target } from "./prometheus.ts";

const assets = process.env["KUBEBUILDER_ASSETS"] ?? "";
const folder = process.env["PROMETHEUS_DIR"] ?? "";
const has = (where: string, program: string): boolean => where !== "" && existsSync(path.join(where, program));
const hasAll = has(assets, "kube-controller-manager") && has(folder, "prometheus");
const PATIENCE = { timeout: 60_000, interval: 250 };

/** Jobs that scrape every published address. The documented jobs drop some; tests compare only their targets. */
const ALL: readonly ScrapeJob[] = [
  { name: "all-endpoints", role: "endpoints", dropsNotReady: false, interval: "5s" },
  { name: "all-endpointslice", role: "endpointslice", dropsNotReady: false, interval: "5s" },
];
const SHIPPED: readonly ScrapeJob[] = [
  { name: "shipped-endpoints", role: "endpoints", dropsNotReady: true, interval: "1d" },
  { name: "shipped-endpointslice", role: "endpointslice", dropsNotReady: true, interval: "1d" },
];

/** A Windows machine and its Node. */
interface Machine {
  readonly name: string;
  /** Another tool installs the exporter in `win1`, so its nodes are published as ready; `win2` has no proven exporter. */
  readonly pool: "win1" | "win2";
  readonly ip: string;
  readonly ipv6?: string;
  readonly isKnown: boolean;
  readonly hasExporter: boolean;
}

function machine(index: number, over: Partial<Machine> = {}): Machine {
  const pool = over.pool ?? "win1";
  const name = `aks${pool}${index.toString(36).padStart(6, "0")}`;
  return { name, pool, ip: `10.240.${index >> 8}.${index & 255}`, isKnown: true, hasExporter: true, ...over };
}

const win1 = (first: number, last: number): readonly Machine[] => range(first, last).map((index) => machine(index));
/** Every second machine has an exporter. */
const win2 = (first: number, last: number): readonly Machine[] =>
  range(first, last).map((index) => machine(index, { pool: "win2", hasExporter: index % 2 === 0 }));

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Returns the Node, with IPv6 first if it has one: the Service's family decides, not the order of addresses. */
function nodeOf({ name, pool, ip, ipv6, isKnown }: Machine): KubeObject {
  const labels = { "kubernetes.azure.com/agentpool": pool };
  const { status, metadata, ...rest } = windowsNode(0, { labels, status: isKnown ? "True" : "Unknown" });
  const addresses = [ipv6, ip].filter(Boolean).map((address) => ({ type: "InternalIP", address }));
  return { ...rest, metadata: { ...metadata, name }, status: { ...(status as object), addresses } };
}

/** A cluster whose Windows nodes a test adds and removes, with the app that publishes them and Prometheus. */
interface Scene {
  readonly passes: Passes;
  readonly fleet: Fleet;
  readonly prometheus: Prometheus;
  readonly machines: Map<string, Machine>;
}

async function openScene(): Promise<Scene> {
  const machines = new Map<string, Machine>();
  const passes = await openPasses({
    cluster: { ...SHOP, pools: [{ name: "system", os: "Linux", count: 1, image: "2204.2000" }] },
    settings: { SCRAPE_SOURCES: "win1=external" },
    startKube: (manifests) => startControlPlane({ assets, manifests }),
  });
  const fleet = await startFleet(
    () => [...machines.values()].map(({ ip, hasExporter }) => ({ address: ip, hasExporter })),
    Date,
  );
  const { kube } = passes.world;
  const prometheus = await startPrometheus({ folder, kube, proxyUrl: fleet.proxyUrl, jobs: [...ALL, ...SHIPPED] });
  return { passes, fleet, prometheus, machines };
}

function put({ machines, passes }: Scene, all: readonly Machine[]): Promise<void> {
  return inParallel(all, (each) => {
    machines.set(each.name, each);
    return passes.world.kube.putNode(nodeOf(each));
  });
}

function remove({ machines, passes }: Scene, all: readonly Machine[]): Promise<void> {
  return inParallel(all, ({ name }) => {
    machines.delete(name);
    return passes.world.kube.deleteNode(name);
  });
}

/** Runs one pass, and returns its verdict about the cluster. */
async function publish({ passes }: Scene): Promise<string> {
  const report = await passes.publish();
  expect(report.failure).toBeUndefined();
  const found = report.plan.verdicts.find(({ subject }) => subject.kind === "cluster");
  return [found?.state, found?.reason].filter(Boolean).join(" ");
}

/** Expects exactly one target per machine in each role, and the right `up` of each scrape. */
async function expectTargets({ prometheus }: Scene, what: string, all: readonly Machine[]): Promise<void> {
  const ready = all.filter(({ pool }) => pool === "win1");
  for (const { name, dropsNotReady } of [...ALL, ...SHIPPED]) {
    const expected = new Set((dropsNotReady ? ready : all).map(targetOf));
    const found = async () => (await prometheus.targets(name)).map(identityOf);
    const message = `targets of ${name}: ${what}`;
    await expect.poll(async () => differences(expected, await found()), { ...PATIENCE, message }).toEqual([]);
  }
  const up = new Set(all.map((each) => `${each.name} ${each.hasExporter ? 1 : 0}`));
  for (const { name } of ALL) {
    const found = async () => (await prometheus.query(`up{scrape_pool="${name}"}`)).map(scrapeOf);
    const message = `up of ${name}: ${what}`;
    await expect.poll(async () => differences(up, await found()), { ...PATIENCE, message }).toEqual([]);
  }
}

/** Changes the machines, publishes them in a pass, and expects exactly these targets in Prometheus. */
async function step(scene: Scene, what: string, change: () => Promise<void>): Promise<void> {
  await change();
  expect(await publish(scene)).toMatch(/^acting|in-sync$/);
  await expectTargets(scene, what, [...scene.machines.values()]);
}

describe.skipIf(!hasAll)("real Prometheus (needs PROMETHEUS_DIR and KUBEBUILDER_ASSETS)", () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene();
  });
  afterAll(async () => {
    await scene?.prometheus.close();
    await scene?.fleet.stop();
    await scene?.passes.world.stop();
  });

  test("has exactly one target per node in each role, from 0 to 1,001 nodes and back", async () => {
    await step(scene, "no node", async () => undefined);
    await step(scene, "3 nodes", () => put(scene, win1(1, 3)));
    const [sample] = await scene.prometheus.query(`windows_container_available{scrape_pool="all-endpointslice"}`);
    expect(sample?.labels).toMatchObject({
      namespace: "shop",
      pod: "cart-0",
      job: "windows-exporter",
      agentpool: "win1",
    });
    await step(scene, "40 nodes", () => put(scene, [...win1(4, 30), ...win2(31, 40)]));
    await step(scene, "1,001 nodes", () => put(scene, [...win1(41, 700), ...win2(701, 1001)]));

    await step(scene, "a new node with the address of a deleted one", async () => {
      await remove(scene, win1(5, 5));
      await put(scene, [machine(2000, { ip: "10.240.0.5" })]);
    });
    const dual = range(2001, 2010).map((index) => machine(index, { ipv6: `fd00::${index}` }));
    await step(scene, "dual-stack nodes", () => put(scene, dual));
    const silent = [machine(7, { isKnown: false }), machine(8, { isKnown: false, hasExporter: false })];
    await step(scene, "two kubelets that do not report", () => put(scene, silent));
    await step(scene, "a deleted pool", () => remove(scene, [...win2(31, 40), ...win2(701, 1001)]));

    const last = [...scene.machines.values()];
    await remove(scene, last);
    expect(await publish(scene)).toBe("waiting shrinks");
    const dead = last.map((each) => ({ ...each, hasExporter: false }));
    await expectTargets(scene, "all nodes held back by the guard", dead);
    await scene.passes.world.clock.advance(61_000);
    await step(scene, "no nodes after the guard", async () => undefined);
  });
});

/** Returns up to five missing, unexpected and duplicate items. */
function differences(expected: ReadonlySet<string>, found: readonly string[]): readonly string[] {
  const all = new Set(found);
  const missing = [...expected].filter((each) => !all.has(each)).map((each) => `missing ${each}`);
  const other = [...all].filter((each) => !expected.has(each)).map((each) => `unexpected ${each}`);
  const twice = found.filter((each, index) => found.indexOf(each) !== index).map((each) => `duplicate ${each}`);
  return [...missing, ...other, ...twice].slice(0, 5);
}

const targetOf = ({ name, pool, ip }: Machine): string => `${name} ${name} ${pool} http://${ip}:9182/metrics`;

/** Labels that the tests add. */
const OWN_LABELS: readonly string[] = ["scrape_pool", "slice"];

/** Returns a target's labels, without those of the tests, and its URL. */
function identityOf({ labels, scrapeUrl }: Target): string {
  const { instance, node, agentpool, job, ...others } = labels;
  const isAsDesigned = job === "windows-exporter" && Object.keys(others).every((label) => OWN_LABELS.includes(label));
  return isAsDesigned ? `${instance} ${node} ${agentpool} ${scrapeUrl}` : JSON.stringify(labels);
}

const scrapeOf = ({ labels, value }: Sample): string => `${labels["instance"]} ${value}`;
