import { expect } from "vitest";
import type { KubeObject } from "../contracts/cluster-admin.ts";
import { inParallel, windowsNode } from "../contracts/kube-fixture.ts";
import { openPasses, type Passes } from "../passes.ts";
import { type Fleet, startFleet } from "../simulators/fleet.ts";
import { SHOP } from "../world.ts";
import { startControlPlane } from "./control-plane.ts";

/** A Windows machine and its Node. */
export interface Machine {
  readonly name: string;
  /** Another tool installs the exporter in `win1`, so its nodes are published as ready; `win2` has no proven exporter. */
  readonly pool: "win1" | "win2";
  readonly ip: string;
  readonly ipv6?: string;
  readonly isKnown: boolean;
  readonly hasExporter: boolean;
}

export function machine(index: number, over: Partial<Machine> = {}): Machine {
  const pool = over.pool ?? "win1";
  const name = `aks${pool}${index.toString(36).padStart(6, "0")}`;
  return { name, pool, ip: `10.240.${index >> 8}.${index & 255}`, isKnown: true, hasExporter: true, ...over };
}

export const win1 = (first: number, last: number): readonly Machine[] =>
  range(first, last).map((index) => machine(index));
/** Every second machine has an exporter. */
export const win2 = (first: number, last: number): readonly Machine[] =>
  range(first, last).map((index) => machine(index, { pool: "win2", hasExporter: index % 2 === 0 }));

export function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Returns the Node, with IPv6 first if it has one: the Service's family decides, not the order of addresses. */
function nodeOf({ name, pool, ip, ipv6, isKnown }: Machine): KubeObject {
  const labels = { "kubernetes.azure.com/agentpool": pool };
  const { status, metadata, ...rest } = windowsNode(0, { labels, status: isKnown ? "True" : "Unknown" });
  const addresses = [ipv6, ip].filter(Boolean).map((address) => ({ type: "InternalIP", address }));
  return { ...rest, metadata: { ...metadata, name }, status: { ...(status as object), addresses } };
}

/** A cluster whose Windows nodes a test adds and removes, with the app that publishes them. */
export interface Scene {
  readonly passes: Passes;
  readonly fleet: Fleet;
  readonly machines: Map<string, Machine>;
}

/** Starts a real control plane, the app, and the exporters of the machines. */
export async function openScene(): Promise<Scene> {
  const machines = new Map<string, Machine>();
  const passes = await openPasses({
    cluster: { ...SHOP, pools: [{ name: "system", os: "Linux", count: 1, image: "2204.2000" }] },
    settings: { SCRAPE_SOURCES: "win1=external" },
    startKube: (manifests) => startControlPlane({ assets: process.env["KUBEBUILDER_ASSETS"] ?? "", manifests }),
  });
  const fleet = await startFleet(
    () => [...machines.values()].map(({ ip, hasExporter }) => ({ address: ip, hasExporter })),
    Date,
  );
  return { passes, fleet, machines };
}

export async function closeScene({ passes, fleet }: Scene): Promise<void> {
  await fleet.stop();
  await passes.world.stop();
}

export function put({ machines, passes }: Scene, all: readonly Machine[]): Promise<void> {
  return inParallel(all, (each) => {
    machines.set(each.name, each);
    return passes.world.kube.putNode(nodeOf(each));
  });
}

export function remove({ machines, passes }: Scene, all: readonly Machine[]): Promise<void> {
  return inParallel(all, ({ name }) => {
    machines.delete(name);
    return passes.world.kube.deleteNode(name);
  });
}

/** Runs one pass, and returns its verdict about the cluster. */
export async function publish({ passes }: Scene): Promise<string> {
  const report = await passes.publish();
  expect(report.failure).toBeUndefined();
  const found = report.plan.verdicts.find(({ subject }) => subject.kind === "cluster");
  return [found?.state, found?.reason].filter(Boolean).join(" ");
}
