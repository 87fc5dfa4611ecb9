import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { KubeClient } from "../../shared/clients/kubernetes/port.ts";
import { readManifests } from "../manifests.ts";
import type { ClusterAdmin } from "./cluster-admin.ts";
import { describeAddresses } from "./kube-addresses.ts";
import { describeAdoption } from "./kube-adopt.ts";
import { describeClaims, describeLeftOut } from "./kube-claims.ts";
import { describeEndpoints, describeEndpointsOfOthers } from "./kube-endpoints.ts";
import { APP_OID, noAbort, type InCluster, inParallel, open, windowsNode } from "./kube-fixture.ts";
import { describeRefusals } from "./kube-refusals.ts";
import { describeRoles } from "./kube-roles.ts";
import { describeSlices, describeSlicesOfOthers } from "./kube-slices.ts";

const MANIFESTS = readManifests(APP_OID);
const SERVICE = MANIFESTS.find(({ kind }) => kind === "Service") ?? expect.unreachable("no Service in the manifests");

/** Deletes everything but the manifests that an operator applies. */
async function reset(admin: ClusterAdmin): Promise<void> {
  for (const kind of ["Endpoints", "EndpointSlice", "Node"] as const) {
    await inParallel(await admin.list(kind), ({ metadata }) => admin.delete(kind, metadata.name));
  }
  for (const object of MANIFESTS) await admin.apply(object);
}

/** Tests the contract of the Kubernetes client on the cluster that `start` starts. */
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

    describe("Service", () => {
      describeService(inCluster);
    });
    describe("nodes", () => {
      describeNodes(inCluster);
    });
    describe("Endpoints", () => {
      describeEndpoints(inCluster);
    });
    describe("Endpoints with other field managers", () => {
      describeEndpointsOfOthers(inCluster);
    });
    describe("EndpointSlices", () => {
      describeSlices(inCluster);
    });
    describe("EndpointSlices with other field managers", () => {
      describeSlicesOfOthers(inCluster);
    });
    describe("addresses", () => {
      describeAddresses(inCluster);
    });
    describe("claims", () => {
      describeClaims(inCluster);
      describeLeftOut(inCluster);
    });
    describe("adoption", () => {
      describeAdoption(inCluster);
    });
    describe("errors", () => {
      describeRefusals(inCluster);
    });
    describe("roles", () => {
      describeRoles(inCluster);
    });
  });
}

function describeService(inCluster: InCluster): void {
  test("the Service of the manifest has no selector, and IPv4 is its primary family", async () => {
    const { admin, kube } = inCluster();
    const uid = (await admin.get("Service", "windows-exporter"))?.metadata.uid;
    const plain = { uid, hasSelector: false, primaryFamily: "IPv4", isPaused: false };
    expect(await kube.readService(noAbort())).toStrictEqual(plain);
  });

  test("the annotation pauses publishing", async () => {
    const { admin, kube } = inCluster();
    const annotations = { "aks-windows-metrics/paused": "true" };
    await admin.apply({ ...SERVICE, metadata: { ...SERVICE.metadata, annotations } });
    expect(await kube.readService(noAbort())).toMatchObject({ isPaused: true });
  });

  test("reads whether a Service has a selector, and undefined if there is no Service", async () => {
    const { admin, kube } = inCluster();
    await admin.delete("Service", "windows-exporter");
    expect(await kube.readService(noAbort())).toBeUndefined();
    await admin.apply({ ...SERVICE, spec: { ...(SERVICE["spec"] as object), selector: { app: "other" } } });
    expect(await kube.readService(noAbort())).toMatchObject({ hasSelector: true });
    await admin.delete("Service", "windows-exporter");
  });
}

function describeNodes(inCluster: InCluster): void {
  test("lists the Windows nodes with all fields that a plan needs", async () => {
    const { admin, kube } = inCluster();
    await admin.putNode(windowsNode(1));
    await admin.putNode(windowsNode(2, { status: "Unknown" }));
    await admin.putNode(windowsNode(3, { labels: { "kubernetes.io/os": "linux" } }));
    const { nodes } = await kube.listWindowsNodes(noAbort());
    expect(nodes.map(({ ready }) => ready)).toStrictEqual(["True", "Unknown"]);
    const raw = await admin.get("Node", "akswin1000001");
    expect(nodes[0]).toStrictEqual({
      name: "akswin1000001",
      uid: raw?.metadata.uid,
      bootId: "boot-1",
      createdAt: Date.parse(raw?.metadata.creationTimestamp ?? ""),
      isDeleting: false,
      ready: "True",
      readySince: Date.parse("2026-10-01T12:00:00Z"),
      pool: "win1",
      zone: "westeurope-1",
      internalIps: ["10.240.0.1"],
    });
  });

  test("a node with a deletionTimestamp is being deleted", async () => {
    const { admin, kube } = inCluster();
    const node = windowsNode(4);
    await admin.putNode({ ...node, metadata: { ...node.metadata, finalizers: ["test.example/hold"] } });
    await admin.deleteNode(node.metadata.name);
    expect(await kube.listWindowsNodes(noAbort())).toMatchObject({ nodes: [{ isDeleting: true }] });
    await admin.putNode({ ...node, metadata: { ...node.metadata, finalizers: [] } });
  });

  test("lists all nodes, in pages", { timeout: 120_000 }, async () => {
    const { admin, kube } = inCluster();
    const all = Array.from({ length: 1001 }, (_, index) => windowsNode(index));
    await inParallel(all, (node) => admin.putNode(node));
    const before = await admin.requests();
    const { nodes } = await kube.listWindowsNodes(noAbort());
    expect(nodes.map(({ name }) => name)).toStrictEqual(all.map(({ metadata }) => metadata.name).toSorted());
    const after = await admin.requests();
    expect((after["LIST nodes"] ?? 0) - (before["LIST nodes"] ?? 0)).toBe(11);
  });
}
