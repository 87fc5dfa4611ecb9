import { existsSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasAssets, runCommand } from "./kubectl.ts";
import type * as machines from "./machines.ts";
import { closeScene, type Machine, machine, openScene, publish, put, range, remove, win1, win2 } from "./machines.ts";
import {
  commandWith,
  plainScrapeConfig,
  readmeOf,
  type RelabelConfig,
  type Role,
  type ScrapeConfig,
} from "./overlays.ts";
import { type Prometheus, type Sample, SERVICE_ACCOUNT, startPrometheus, type Target } from "./prometheus.ts";

const folder = process.env["PROMETHEUS_DIR"] ?? "";
const hasAll =
  hasAssets("kube-controller-manager", "kubectl") && folder !== "" && existsSync(path.join(folder, "prometheus"));
const README = readmeOf("plain-prometheus");
const PATIENCE = { timeout: 60_000, interval: 250 };

/** A job of the test: the shipped one, whose targets are compared, or one that scrapes every published address. */
interface Job {
  readonly name: string;
  readonly role: Role;
  readonly isShipped: boolean;
}

const ROLES: readonly Role[] = ["endpoints", "endpointslice"];
const ALL: readonly Job[] = ROLES.map((role) => ({ name: `all-${role}`, role, isShipped: false }));
const SHIPPED: readonly Job[] = ROLES.map((role) => ({ name: `shipped-${role}`, role, isShipped: true }));

const isReadyRule = ({ action }: RelabelConfig): boolean => action === "drop";

/** Returns the shipped job under another name, with labels that tell the jobs apart. */
function scrapeConfigOf({ name, role, isShipped }: Job): ScrapeConfig {
  const { job_name: job, relabel_configs: rules, ...shipped } = plainScrapeConfig(role);
  expect(rules.filter(isReadyRule)).toHaveLength(1);
  const own = [
    { target_label: "job", replacement: job },
    { target_label: "scrape_pool", replacement: name },
  ];
  // Prometheus merges targets with equal labels; the name of the slice makes them distinct.
  const everyAddress = [
    ...rules.filter((rule) => !isReadyRule(rule)),
    { source_labels: ["__meta_kubernetes_endpointslice_name"], target_label: "slice" },
  ];
  return {
    ...shipped,
    job_name: name,
    scrape_interval: isShipped ? "1d" : "5s",
    scrape_timeout: "5s",
    relabel_configs: [...(isShipped ? rules : everyAddress), ...own],
    // One metric is enough; this one has its own `namespace` label, which must be preserved.
    metric_relabel_configs: [{ source_labels: ["__name__"], regex: "windows_container_available", action: "keep" }],
  };
}

interface Scene extends machines.Scene {
  readonly prometheus: Prometheus;
}

async function openWithPrometheus(): Promise<Scene> {
  const scene = await openScene();
  const { kube } = scene.passes.world;
  runCommand(kube, commandWith(README, "kubectl apply"));
  runCommand(kube, commandWith(README, "rolebinding", SERVICE_ACCOUNT));
  const jobs = [...ALL, ...SHIPPED].map(scrapeConfigOf);
  const prometheus = await startPrometheus({ folder, kube, proxyUrl: scene.fleet.proxyUrl, jobs });
  return { ...scene, prometheus };
}

/** Expects exactly one target per machine in each role, and the right `up` of each scrape. */
async function expectTargets({ prometheus }: Scene, what: string, all: readonly Machine[]): Promise<void> {
  const ready = all.filter(({ pool }) => pool === "win1");
  for (const { name, isShipped } of [...ALL, ...SHIPPED]) {
    const expected = new Set((isShipped ? ready : all).map(targetOf));
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
    scene = await openWithPrometheus();
  });
  afterAll(async () => {
    await scene?.prometheus.close();
    if (scene) await closeScene(scene);
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
