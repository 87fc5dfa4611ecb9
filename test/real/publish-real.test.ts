import { existsSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { KubeObject } from "../contracts/cluster-admin.ts";
import { APP_OID, bare, ENDPOINTS, inTurn, windowsNode } from "../contracts/kube-fixture.ts";
import type { Passes } from "../passes.ts";
import { viewPublished } from "../sandbox/view.ts";
import { clusterVerdicts, MANIFESTS, PATIENCE, PublishedCluster, service, WRITES } from "./published-cluster.ts";

const assets = process.env["KUBEBUILDER_ASSETS"] ?? "";
const hasControllers = assets !== "" && existsSync(path.join(assets, "kube-controller-manager"));
let cluster: PublishedCluster;

describe.skipIf(!hasControllers)("publishing (needs kube-controller-manager in KUBEBUILDER_ASSETS)", () => {
  beforeAll(async () => {
    cluster = await PublishedCluster.start(assets);
  });
  afterEach(() => cluster.leave());
  afterAll(() => cluster?.stop());

  describe("in both modes", () => {
    describeModes();
  });
  describe("to a thousand nodes", () => {
    describeThousand();
  });
  describe("beside others", () => {
    describeOthers();
  });
  describe("behind a Service that changes", () => {
    describeServiceChanges();
  });
});

/** Every node once in the slices, and once in the Endpoints object where there is to be one. */
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
    { what: "both, slices and back", order: ["both", "slices", "both", "slices"] as const },
    { what: "slices, both and back", order: ["slices", "both", "both", "slices", "both"] as const },
  ])("$what: nothing is mirrored, not for a moment", async ({ order }) => {
    const opened = await cluster.open();
    for (const mode of order) {
      // A switch and a change come together.
      const [first] = await cluster.real.list("Node");
      if (mode === "slices" && first) await cluster.real.deleteNode(first.metadata.name);
      await publishUntilInSync(opened, mode);
      await expectPublished(opened, mode);
      const again = await opened.beside({ SCRAPE_OBJECTS: mode });
      expect([clusterVerdicts(again), again.outcomes]).toEqual([["in-sync"], []]);
    }
    expect(cluster.foreign()).toEqual([]);
  });

  test("another one's mirrored Endpoints are named, and the command that is told ends the doubling", async () => {
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
    cluster.obey(report, "another-manager");
    await expect.poll(mirrored, PATIENCE).toBe(1);
    expect(clusterVerdicts(await opened.publish())).toEqual(["in-sync"]);
    await expectPublished(opened, "slices");
  });
}

/** Slices come first: until they stand, the Endpoints object stays. */
async function publishUntilInSync({ beside }: Passes, mode: "both" | "slices"): Promise<void> {
  for (let passed = 0; passed < 3; passed++) {
    const report = await beside({ SCRAPE_OBJECTS: mode });
    if (clusterVerdicts(report)[0] === "in-sync") return;
  }
  expect.unreachable(`not in sync after three passes in mode ${mode}`);
}

function describeThousand(): void {
  test("that do not change costs no write, and one that goes costs two", async () => {
    const opened = await cluster.open();
    // Three of them are machines of the world.
    const more = Array.from({ length: 998 }, (_, index) => windowsNode(index + 1000));
    await inTurn(more, (node) => cluster.real.putNode(node));
    const first = await cluster.counting(WRITES, () => opened.publish());
    expect(first).toEqual({ "APPLY endpointslices": 11, "APPLY endpoints": 1 });
    await expectPublished(opened);
    const idle = await cluster.counting(/./, async () => {
      for (let times = 0; times < 5; times++) expect((await opened.publish()).plan.actions).toEqual([]);
    });
    expect(Object.keys(idle).filter((key) => WRITES.test(key))).toEqual([]);
    expect(idle).toMatchObject({ "LIST nodes": 15, "LIST endpointslices": 5 });

    await cluster.real.deleteNode(more[500]?.metadata.name ?? "");
    const gone = await cluster.counting(WRITES, () => opened.publish());
    expect(gone).toEqual({ "APPLY endpointslices": 1, "APPLY endpoints": 1 });
    await expectPublished(opened);
    expect(cluster.foreign()).toEqual([]);
  });
}

function describeOthers(): void {
  test.each([
    { kind: "Endpoints", name: "windows-exporter", field: "subsets", edit: { subsets: [] } },
    {
      kind: "EndpointSlice",
      name: "windows-exporter-0",
      field: "endpoints",
      edit: { addressType: "IPv4", endpoints: [] },
    },
  ] as const)("an edit of $kind by another manager is left, and named until it is given back", async (edited) => {
    const { kind, name, field, edit } = edited;
    const opened = await cluster.open();
    await opened.publish();
    const object = bare(await cluster.real.get(kind, name));
    await cluster.real.apply({ ...object, ...edit }, "somebody");
    const [outcome] = (await opened.publish()).outcomes;
    expect(outcome).toMatchObject({ status: "dropped", reason: "another-manager" });
    const report = await opened.publish();
    expect(clusterVerdicts(report)).toContain("refused another-manager");
    const { message } = report.plan.verdicts.find(({ reason }) => reason === "another-manager") ?? {};
    expect(message).toContain(`conflict with "somebody": .${field}`);
    expect((await cluster.real.get(kind, name))?.[field] ?? []).toEqual([]);

    await cluster.real.apply(object, "somebody");
    await opened.publish();
    expect(clusterVerdicts(await opened.publish())).toEqual(["in-sync"]);
    await expectPublished(opened);
  });

  test("a second app with another owner refuses, and writes nothing", async () => {
    const opened = await cluster.open();
    await opened.publish();
    const settings = { OWNER: "another", STATE_CONTAINER_URL: `${opened.world.hostAccountUrl}/another` };
    const written = await cluster.counting(WRITES, async () => {
      for (const SCRAPE_OBJECTS of ["both", "slices"]) {
        const report = await opened.beside({ ...settings, SCRAPE_OBJECTS });
        expect(clusterVerdicts(report)).toEqual(["refused another-app"]);
      }
    });
    expect(written).toEqual({});
    await expectPublished(opened);
  });

  test("the command in the verdict about another owner deletes its objects, and the app publishes", async () => {
    const opened = await cluster.open();
    await opened.publish();
    const settings = { OWNER: "another", STATE_CONTAINER_URL: `${opened.world.hostAccountUrl}/another` };
    cluster.obey(await opened.beside(settings), "another-app");
    expect(await cluster.real.get("EndpointSlice", "windows-exporter-0")).toBeUndefined();
    expect(await cluster.real.get("Endpoints", "windows-exporter")).toBeUndefined();
    expect(clusterVerdicts(await opened.beside(settings))).toEqual(["acting"]);
    expect(clusterVerdicts(await opened.beside(settings))).toEqual(["in-sync"]);
  });

  test("the app has no right but those of our two roles, and needs them", async () => {
    const opened = await cluster.open();
    const bindings = [...(await cluster.real.list("RoleBinding")), ...(await cluster.real.list("ClusterRoleBinding"))];
    const ours = bindings.filter(({ subjects }) => JSON.stringify(subjects)?.includes(APP_OID));
    expect(ours.map(({ kind, roleRef }) => [kind, roleRef])).toMatchObject([
      ["RoleBinding", { kind: "Role", name: "aks-windows-metrics" }],
      ["ClusterRoleBinding", { kind: "ClusterRole", name: "aks-windows-metrics" }],
    ]);
    await opened.publish();
    await expectPublished(opened);
    await cluster.real.delete("ClusterRoleBinding", "aks-windows-metrics");
    const failure = async () => (await opened.publish()).failure?.message;
    await expect.poll(failure, PATIENCE).toContain("lacks the verb list on nodes");
    await expectPublished(opened);
    for (const object of MANIFESTS) await cluster.real.apply(object);
    await expect.poll(failure, PATIENCE).toBeUndefined();
  });
}

function describeServiceChanges(): void {
  test("with a selector nothing is written; the command that is told removes it, and all is published again", async () => {
    const opened = await cluster.open();
    await opened.publish();
    // A Service without a selector became one of two families, which this server allows to no other.
    const selecting = { selector: { app: "other" }, ipFamilyPolicy: "SingleStack", ipFamilies: ["IPv4"] };
    await cluster.real.apply(service(selecting));
    const emptied = async () => (await viewPublished(opened.world)).endpoints;
    await expect.poll(emptied, PATIENCE).toEqual([]);
    // Kubernetes's own slice for the selector; nothing is selected, and it stays empty.
    await expect.poll(() => cluster.foreign(), PATIENCE).toEqual(["endpointslice-controller.k8s.io"]);
    const written = await cluster.counting(WRITES, async () => {
      const report = await opened.publish();
      expect(clusterVerdicts(report)).toEqual(["refused service-selects"]);
      cluster.obey(report, "service-selects");
    });
    expect(written).toEqual({ "PATCH services": 1 });
    await opened.publish();
    expect(clusterVerdicts(await opened.publish())).toEqual(["in-sync"]);
    await expectPublished(opened);
    expect(cluster.foreign()).toEqual(["endpointslice-controller.k8s.io"]);
  });

  test("deleted, it takes everything along; made again, it gets everything anew", async () => {
    const opened = await cluster.open();
    await opened.publish();
    await cluster.real.delete("Service", "windows-exporter");
    const left = async () => [
      ...(await cluster.real.list("EndpointSlice")),
      await cluster.real.get("Endpoints", "windows-exporter"),
    ];
    await expect.poll(left, PATIENCE).toEqual([undefined]);
    const written = await cluster.counting(WRITES, async () => {
      expect(clusterVerdicts(await opened.publish())).toEqual(["refused service-missing"]);
    });
    expect(written).toEqual({});
    await cluster.real.apply(service());
    await opened.publish();
    await expectPublished(opened);
    expect(cluster.foreign()).toEqual([]);
  });

  test("made again before any pass, its objects go over to it", async () => {
    const opened = await cluster.open();
    await opened.publish();
    await cluster.real.delete("Service", "windows-exporter");
    await cluster.real.apply(service());
    // What is of the old one may go at any moment until then.
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
    expect(cluster.foreign()).toEqual([]);
  });
}
