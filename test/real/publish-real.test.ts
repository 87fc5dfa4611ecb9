import { existsSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { readConfig } from "../../shared/config/config.ts";
import { createDependencies } from "../../shared/dependencies.ts";
import type { KubeObject } from "../contracts/cluster-admin.ts";
import { asEarlierBuild } from "../contracts/earlier-build.ts";
import { APP_OID, bare, ENDPOINTS, inParallel, windowsNode } from "../contracts/kube-fixture.ts";
import type { Passes } from "../passes.ts";
import { viewPublished } from "../sandbox/view.ts";
import { clusterVerdicts, MANIFESTS, PATIENCE, PublishedCluster, service, WRITES } from "./published-cluster.ts";

const assets = process.env["KUBEBUILDER_ASSETS"] ?? "";
const hasControllers = assets !== "" && existsSync(path.join(assets, "kube-controller-manager"));
let cluster: PublishedCluster;

describe.skipIf(!hasControllers)("publishing on a real API server (needs kube-controller-manager)", () => {
  beforeAll(async () => {
    cluster = await PublishedCluster.start(assets);
  });
  afterEach(() => cluster.closeWorld());
  afterAll(() => cluster?.stop());

  describe("SCRAPE_OBJECTS", () => {
    describeModes();
  });
  describe("1,001 nodes", () => {
    describeThousand();
  });
  describe("other field managers", () => {
    describeManagers();
  });
  describe("other apps", () => {
    describeOthers();
  });
  describe("changes of the Service", () => {
    describeServiceChanges();
  });
});

/** Expects every node exactly once in the slices and, in mode `both`, exactly once in the Endpoints object. */
async function expectPublished({ world }: Passes, mode: "both" | "slices" = "both"): Promise<void> {
  await cluster.watch.settle();
  const all = (await cluster.real.list("Node")).map(addressOf).toSorted();
  const { endpoints, slices } = await viewPublished(world);
  expect(slices.flatMap(({ addresses }) => addresses).toSorted()).toEqual(all);
  expect(endpoints.toSorted()).toEqual(mode === "both" ? all : []);
  expect((await cluster.real.get("Endpoints", "windows-exporter")) !== undefined).toBe(mode === "both");
}

function addressOf({ status }: KubeObject): string {
  const { addresses } = status as { readonly addresses: readonly { readonly address: string }[] };
  return addresses[0]?.address ?? "";
}

function describeModes(): void {
  test.each([
    { what: "from both to slices and back", order: ["both", "slices", "both", "slices"] as const },
    { what: "from slices to both and back", order: ["slices", "both", "both", "slices", "both"] as const },
  ])("switches $what without any mirrored slice in between", async ({ order }) => {
    const opened = await cluster.open();
    for (const mode of order) {
      // Delete a node together with the switch.
      const [first] = await cluster.real.list("Node");
      if (mode === "slices" && first) await cluster.real.deleteNode(first.metadata.name);
      await publishUntilInSync(opened, mode);
      await expectPublished(opened, mode);
      const again = await opened.beside({ SCRAPE_OBJECTS: mode });
      expect([clusterVerdicts(again), again.outcomes]).toEqual([["in-sync"], []]);
    }
    expect(cluster.foreignManagers()).toEqual([]);
  });

  test("reports foreign Endpoints that are mirrored, and the command of the page removes the duplicates", async () => {
    const opened = await cluster.open({ SCRAPE_OBJECTS: "slices" });
    await cluster.real.apply({
      ...ENDPOINTS,
      subsets: [{ addresses: [{ ip: "10.240.0.4" }], ports: [{ name: "metrics", port: 9182 }] }],
    });
    const mirrored = async () => (await cluster.real.list("EndpointSlice")).length;
    await expect.poll(mirrored, PATIENCE).toBe(1);
    await opened.publish();
    const report = await opened.publish();
    expect(clusterVerdicts(report)).toEqual(["refused another-manager"]);
    await cluster.runRemedy(opened, "another-manager");
    await expect.poll(mirrored, PATIENCE).toBe(1);
    expect(clusterVerdicts(await opened.publish())).toEqual(["in-sync"]);
    await expectPublished(opened, "slices");
  });
}

/** Runs passes until in sync. The app writes the slices first and deletes the Endpoints object in a later pass. */
async function publishUntilInSync({ beside }: Passes, mode: "both" | "slices"): Promise<void> {
  for (let passed = 0; passed < 3; passed++) {
    const report = await beside({ SCRAPE_OBJECTS: mode });
    if (clusterVerdicts(report)[0] === "in-sync") return;
  }
  expect.unreachable(`not in sync after three passes in mode ${mode}`);
}

function describeThousand(): void {
  test("passes without changes write nothing, and a deleted node takes two writes and the claim", async () => {
    const opened = await cluster.open();
    // The world has three more nodes.
    const more = Array.from({ length: 998 }, (_, index) => windowsNode(index + 1000));
    await inParallel(more, (node) => cluster.real.putNode(node));
    const first = await cluster.countRequests(WRITES, () => opened.publish());
    expect(first).toEqual({ "APPLY endpointslices": 11, "APPLY endpoints": 1 });
    await expectPublished(opened);
    const idle = await cluster.countRequests(/./, async () => {
      for (let times = 0; times < 5; times++) expect((await opened.publish()).plan.actions).toEqual([]);
    });
    expect(Object.keys(idle).filter((key) => WRITES.test(key))).toEqual([]);
    expect(idle).toMatchObject({ "LIST nodes": 55, "LIST endpointslices": 5 });

    await cluster.real.deleteNode(more[500]?.metadata.name ?? "");
    const gone = await cluster.countRequests(WRITES, () => opened.publish());
    expect(gone).toEqual({ "APPLY endpointslices": 2, "APPLY endpoints": 1 });
    await expectPublished(opened);
    expect(cluster.foreignManagers()).toEqual([]);
  });
}

function describeManagers(): void {
  const subsets = {
    kind: "Endpoints",
    name: "windows-exporter",
    field: "subsets",
    edit: { subsets: [{ addresses: [{ ip: "10.9.9.9" }] }] },
  } as const;
  const edit = { addressType: "IPv4", endpoints: [{ addresses: ["10.9.9.9"], conditions: { ready: true } }] };
  const endpoints = { kind: "EndpointSlice", name: "windows-exporter-0", field: "endpoints", edit } as const;
  test.each([
    { edited: subsets, what: "they give up the fields" },
    { edited: endpoints, what: "they give up the fields" },
    { edited: subsets, what: "a person runs the command" },
    { edited: endpoints, what: "a person runs the command" },
  ])("leaves the $edited.kind alone that two other managers edit, and names both, until $what", async (given) => {
    const { kind, name, field, edit: change } = given.edited;
    const opened = await cluster.open();
    await opened.publish();
    const object = bare(await cluster.real.get(kind, name));
    const tools = ["a-second-tool", "another-tool"];
    for (const tool of tools) await cluster.real.apply({ ...object, ...change }, tool);
    const { outcomes } = await opened.publish();
    expect(outcomes.filter(({ status }) => status !== "done")).toMatchObject([{ reason: "another-manager" }]);
    const report = await opened.publish();
    expect(clusterVerdicts(report)).toContain("refused another-manager");
    const { names } = report.plan.verdicts.find(({ reason }) => reason === "another-manager") ?? {};
    expect(names).toEqual({ object: name, managers: tools });
    expect((await cluster.real.get(kind, name))?.[field]).toMatchObject(Object(change)[field]);

    if (given.what.startsWith("a person")) await cluster.runRemedy(opened, "another-manager");
    else for (const tool of tools) await cluster.real.apply(object, tool);
    await opened.publish();
    expect(clusterVerdicts(await opened.publish())).toEqual(["in-sync"]);
    await expectPublished(opened);
  });

  test("objects of an earlier build are handed over without a gap", async () => {
    const opened = await cluster.open();
    await opened.publish();
    const owner = (await cluster.real.get("Endpoints", "windows-exporter"))?.metadata.labels?.[
      "aks-windows-metrics/app"
    ];
    await asEarlierBuild(cluster.real, owner ?? "");
    const [first] = await cluster.real.list("Node");
    await cluster.real.deleteNode(first?.metadata.name ?? "");
    cluster.watch.forget();
    const { outcomes } = await opened.publish();
    expect(outcomes.map(({ status }) => status)).toEqual(["done", "done"]);
    await expectPublished(opened);
    expect(cluster.watch.seen("windows-exporter").map(({ endpoints }) => endpoints)).toEqual([2, 2, 2]);
    for (const kind of ["EndpointSlice", "Endpoints"] as const) {
      const [object] = await cluster.real.list(kind);
      expect(object?.metadata["managedFields"]).toMatchObject([{ manager: `aks-windows-metrics-${owner}` }]);
    }
    const idle = await cluster.countRequests(WRITES, () => opened.publish());
    expect(idle).toEqual({});
  });
}

function describeOthers(): void {
  test("a second app with another OWNER refuses to write", async () => {
    const opened = await cluster.open();
    await opened.publish();
    const settings = { OWNER: "another", STATE_CONTAINER_URL: `${opened.world.hostAccountUrl}/another` };
    const written = await cluster.countRequests(WRITES, async () => {
      for (const SCRAPE_OBJECTS of ["both", "slices"]) {
        const report = await opened.beside({ ...settings, SCRAPE_OBJECTS });
        expect(clusterVerdicts(report)).toEqual(["refused another-app"]);
      }
    });
    expect(written).toEqual({});
    await expectPublished(opened);
  });

  test("the command of the page deletes the objects of another owner, and the app publishes", async () => {
    const opened = await cluster.open();
    await opened.publish();
    const settings = { OWNER: "another", STATE_CONTAINER_URL: `${opened.world.hostAccountUrl}/another` };
    expect(clusterVerdicts(await opened.beside(settings))).toEqual(["refused another-app"]);
    const deps = createDependencies(readConfig({ ...opened.world.settings, ...settings }));
    await cluster.runRemedy({ deps }, "another-app");
    expect(await cluster.real.get("EndpointSlice", "windows-exporter-0")).toBeUndefined();
    expect(await cluster.real.get("Endpoints", "windows-exporter")).toBeUndefined();
    expect(clusterVerdicts(await opened.beside(settings))).toEqual(["acting"]);
    expect(clusterVerdicts(await opened.beside(settings))).toEqual(["in-sync"]);
  });

  test("the app has only the permissions of its two roles, and needs them", async () => {
    const opened = await cluster.open();
    const bindings = [...(await cluster.real.list("RoleBinding")), ...(await cluster.real.list("ClusterRoleBinding"))];
    const ours = bindings.filter(({ subjects }) => JSON.stringify(subjects)?.includes(APP_OID));
    expect(ours.map(({ kind, roleRef }) => [kind, roleRef])).toMatchObject([
      ["RoleBinding", { kind: "Role", name: "aks-windows-metrics" }],
      ["ClusterRoleBinding", { kind: "ClusterRole", name: "aks-windows-metrics" }],
    ]);
    await opened.publish();
    await expectPublished(opened);
    await cluster.real.delete("ClusterRoleBinding", `aks-windows-metrics-${APP_OID}`);
    const failure = async () => (await opened.publish()).failure?.message;
    await expect.poll(failure, PATIENCE).toContain("lacks the verb list on nodes");
    await expectPublished(opened);
    for (const object of MANIFESTS) await cluster.real.apply(object);
    await expect.poll(failure, PATIENCE).toBeUndefined();
  });
}

function describeServiceChanges(): void {
  test("a selector stops publishing, and the command of the page removes it", async () => {
    const opened = await cluster.open();
    await opened.publish();
    // A Service without a selector is dual-stack, which this server does not allow with a selector.
    const selecting = { selector: { app: "other" }, ipFamilyPolicy: "SingleStack", ipFamilies: ["IPv4"] };
    await cluster.real.apply(service(selecting));
    const emptied = async () => (await viewPublished(opened.world)).endpoints;
    await expect.poll(emptied, PATIENCE).toEqual([]);
    // Kubernetes creates a slice for the selector, which stays empty because it selects nothing.
    await expect.poll(() => cluster.foreignManagers(), PATIENCE).toEqual(["endpointslice-controller.k8s.io"]);
    const written = await cluster.countRequests(WRITES, async () => {
      const report = await opened.publish();
      expect(clusterVerdicts(report)).toEqual(["refused service-selects"]);
      await cluster.runRemedy(opened, "service-selects");
    });
    expect(written).toEqual({ "PATCH services": 1 });
    await opened.publish();
    expect(clusterVerdicts(await opened.publish())).toEqual(["in-sync"]);
    await expectPublished(opened);
    expect(cluster.foreignManagers()).toEqual(["endpointslice-controller.k8s.io"]);
  });

  test("Kubernetes deletes all objects with the Service, and the app creates them again with a new one", async () => {
    const opened = await cluster.open();
    await opened.publish();
    await cluster.real.delete("Service", "windows-exporter");
    const left = async () => [
      ...(await cluster.real.list("EndpointSlice")),
      await cluster.real.get("Endpoints", "windows-exporter"),
    ];
    await expect.poll(left, PATIENCE).toEqual([undefined]);
    const written = await cluster.countRequests(WRITES, async () => {
      expect(clusterVerdicts(await opened.publish())).toEqual(["refused service-missing"]);
    });
    expect(written).toEqual({});
    await cluster.real.apply(service());
    await opened.publish();
    await expectPublished(opened);
    expect(cluster.foreignManagers()).toEqual([]);
  });

  test("a Service that is recreated between two passes becomes the owner of the objects", async () => {
    const opened = await cluster.open();
    await opened.publish();
    await cluster.real.delete("Service", "windows-exporter");
    await cluster.real.apply(service());
    // Until then, the garbage collector can delete objects of the old Service at any time.
    const inSync = async () => {
      await cluster.watch.settle();
      return clusterVerdicts(await opened.publish());
    };
    await expect.poll(inSync, PATIENCE).toEqual(["in-sync"]);
    await expectPublished(opened);
    const owner = (await cluster.real.get("Service", "windows-exporter"))?.metadata.uid;
    const [slice] = await cluster.real.list("EndpointSlice");
    expect(slice?.metadata.ownerReferences).toMatchObject([{ uid: owner }]);
    expect(clusterVerdicts(await opened.publish())).toEqual(["in-sync"]);
    expect(cluster.foreignManagers()).toEqual([]);
  });
}
