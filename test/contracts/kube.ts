import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { KubeClient } from "../../shared/clients/kubernetes/port.ts";
import { readManifests } from "../manifests.ts";
import type { ClusterAdmin } from "./cluster-admin.ts";
import { describeEndpoints, describeEndpointsOfOthers } from "./kube-endpoints.ts";
import { APP_OID, goOn, type InCluster, inTurn, open, windowsNode } from "./kube-fixture.ts";
import { describeRefusals } from "./kube-refusals.ts";
import { describeRoles } from "./kube-roles.ts";
import { describeSlices, describeSlicesOfOthers } from "./kube-slices.ts";

const MANIFESTS = readManifests(APP_OID);
const SERVICE = MANIFESTS.find(({ kind }) => kind === "Service") ?? expect.unreachable("no Service in the manifests");

/** Empties the cluster but for what an operator applies. */
async function reset(admin: ClusterAdmin): Promise<void> {
  for (const kind of ["Endpoints", "EndpointSlice", "Node"] as const) {
    await inTurn(await admin.list(kind), ({ metadata }) => admin.delete(kind, metadata.name));
  }
  for (const object of MANIFESTS) await admin.apply(object);
}

/** Every promise of the port, on whatever `start` starts. */
export function describeKube(name: string, start: () => Promise<ClusterAdmin>): void {
  describe(`the Kubernetes client on ${name}`, () => {
    let admin: ClusterAdmin;
    let kube: KubeClient;
    beforeAll(async () => {
      admin = await start();
    });
    afterAll(() => admin.close());
    beforeEach(async () => {
      await reset(admin);
      kube = await open(admin);
    });
    const inCluster = () => ({ admin, kube });

    describe("the Service", () => {
      describeService(inCluster);
    });
    describe("nodes", () => {
      describeNodes(inCluster);
    });
    describe("the Endpoints", () => {
      describeEndpoints(inCluster);
    });
    describe("the Endpoints, written by others too", () => {
      describeEndpointsOfOthers(inCluster);
    });
    describe("EndpointSlices", () => {
      describeSlices(inCluster);
    });
    describe("EndpointSlices, written by others too", () => {
      describeSlicesOfOthers(inCluster);
    });
    describe("refusals", () => {
      describeRefusals(inCluster);
    });
    describe("roles", () => {
      describeRoles(inCluster);
    });
  });
}

function describeService(inCluster: InCluster): void {
  test("of the manifest has no selector, and begins with IPv4", async () => {
    const { admin, kube } = inCluster();
    const uid = (await admin.get("Service", "windows-exporter"))?.metadata.uid;
    const plain = { uid, hasSelector: false, primaryFamily: "IPv4", isPaused: false };
    expect(await kube.readService(goOn())).toStrictEqual(plain);
  });

  test("is paused by its annotation", async () => {
    const { admin, kube } = inCluster();
    const annotations = { "aks-windows-metrics/paused": "true" };
    await admin.apply({ ...SERVICE, metadata: { ...SERVICE.metadata, annotations } });
    expect(await kube.readService(goOn())).toMatchObject({ isPaused: true });
  });

  test("with a selector is told from one without; absent, it is undefined", async () => {
    const { admin, kube } = inCluster();
    await admin.delete("Service", "windows-exporter");
    expect(await kube.readService(goOn())).toBeUndefined();
    await admin.apply({ ...SERVICE, spec: { ...(SERVICE["spec"] as object), selector: { app: "other" } } });
    expect(await kube.readService(goOn())).toMatchObject({ hasSelector: true });
    await admin.delete("Service", "windows-exporter");
  });
}

function describeNodes(inCluster: InCluster): void {
  test("are the Windows nodes, with all that a plan looks at", async () => {
    const { admin, kube } = inCluster();
    await admin.putNode(windowsNode(1));
    await admin.putNode(windowsNode(2, { status: "Unknown" }));
    await admin.putNode(windowsNode(3, { labels: { "kubernetes.io/os": "linux" } }));
    const nodes = await kube.listWindowsNodes(goOn());
    expect(nodes.map(({ ready }) => ready)).toStrictEqual(["True", "Unknown"]);
    const raw = await admin.get("Node", "akswin1000001");
    expect(nodes[0]).toStrictEqual({
      name: "akswin1000001",
      uid: raw?.metadata.uid,
      createdAt: Date.parse(raw?.metadata.creationTimestamp ?? ""),
      isDeleting: false,
      ready: "True",
      readySince: Date.parse("2026-10-01T12:00:00Z"),
      pool: "win1",
      zone: "westeurope-1",
      internalIps: ["10.240.0.1"],
    });
  });

  test("that are on their way out say so", async () => {
    const { admin, kube } = inCluster();
    const node = windowsNode(4);
    await admin.putNode({ ...node, metadata: { ...node.metadata, finalizers: ["test.example/hold"] } });
    await admin.deleteNode(node.metadata.name);
    expect(await kube.listWindowsNodes(goOn())).toMatchObject([{ isDeleting: true }]);
    await admin.putNode({ ...node, metadata: { ...node.metadata, finalizers: [] } });
  });

  test("come in pages, all of them", { timeout: 120_000 }, async () => {
    const { admin, kube } = inCluster();
    const all = Array.from({ length: 1001 }, (_, index) => windowsNode(index));
    await inTurn(all, (node) => admin.putNode(node));
    const before = await admin.requests();
    const nodes = await kube.listWindowsNodes(goOn());
    expect(nodes.map(({ name }) => name)).toStrictEqual(all.map(({ metadata }) => metadata.name).toSorted());
    const after = await admin.requests();
    expect((after["LIST nodes"] ?? 0) - (before["LIST nodes"] ?? 0)).toBe(11);
  });
}
