import { existsSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { KubeObject } from "../contracts/cluster-admin.ts";
import { windowsNode } from "../contracts/kube-fixture.ts";
import type { Passes } from "../passes.ts";
import { PublishedCluster, service } from "../real/published-cluster.ts";
import { type About, runRemedy } from "./run-remedy.ts";

const assets = process.env["KUBEBUILDER_ASSETS"] ?? "";
const hasPrograms = ["kube-controller-manager", "kubectl"].every((each) => existsSync(path.join(assets, each)));
const isRunnable = assets !== "" && hasPrograms && process.platform !== "win32";

/** A state of the cluster that a person has to end. */
interface Case {
  readonly about: About;
  readonly what: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly spoil: (cluster: PublishedCluster, passes: Passes) => Promise<unknown>;
}

const slice = (name: string, labels: Readonly<Record<string, string>>): KubeObject => ({
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: { name, namespace: "monitoring", labels: { "kubernetes.io/service-name": "windows-exporter", ...labels } },
  addressType: "IPv4",
  endpoints: [],
  ports: [{ name: "metrics", port: 9182, protocol: "TCP" }],
});

const CASES: readonly Case[] = [
  {
    about: { reason: "service-missing" },
    what: "the Service was deleted",
    spoil: ({ real }) => real.delete("Service", "windows-exporter"),
  },
  {
    about: { reason: "denied" },
    what: "a binding of the app was deleted",
    spoil: async ({ real }) => {
      for (const { metadata } of await real.list("ClusterRoleBinding")) {
        if (metadata.name.startsWith("aks-windows-metrics")) await real.delete("ClusterRoleBinding", metadata.name);
      }
    },
  },
  {
    about: { reason: "service-selects" },
    what: "the Service has a selector",
    spoil: async ({ real }) => {
      // The API server does not add a selector to a headless Service without one if it has a single IP family.
      await real.delete("Service", "windows-exporter");
      await real.apply(service({ selector: { app: "windows-exporter" } }));
    },
  },
  {
    about: { reason: "paused" },
    what: "an annotation pauses publishing",
    spoil: ({ real }) => {
      const { metadata, ...rest } = service();
      return real.apply({ ...rest, metadata: { ...metadata, annotations: { "aks-windows-metrics/paused": "true" } } });
    },
  },
  {
    about: { reason: "another-app" },
    what: "another copy of the app has published, and no longer runs",
    spoil: (_, { beside }) => beside({ OWNER: "earlier" }),
  },
  {
    about: { reason: "another-manager" },
    what: "another program has written the Endpoints object",
    settings: { SCRAPE_OBJECTS: "slices" },
    spoil: ({ real }) =>
      real.apply({
        apiVersion: "v1",
        kind: "Endpoints",
        metadata: { name: "windows-exporter", namespace: "monitoring" },
      }),
  },
  {
    about: { reason: "another-manager" },
    what: "a person has edited a slice with kubectl",
    spoil: async ({ real }, { publish }) => {
      await publish();
      const { addressType, endpoints: _, ...edited } = slice("windows-exporter-0", {});
      await real.apply({ ...edited, addressType, endpoints: [] }, "kubectl-edit");
    },
  },
  {
    about: { title: /orphaned/i },
    what: "a slice of the app is under another name",
    spoil: ({ real }) =>
      real.apply(slice("windows-exporter-old", { "endpointslice.kubernetes.io/managed-by": "aks-windows-metrics" })),
  },
  {
    about: { reason: "duplicate-address" },
    what: "the Node object of a machine that is gone has the address of another",
    spoil: async ({ real }) => {
      const [first] = await real.list("Node");
      if (!first) throw new Error("there is no node");
      const { addresses } = first["status"] as { addresses: unknown };
      const ghost = windowsNode(35, { status: "False" });
      await real.putNode({ ...ghost, status: { ...(ghost["status"] as object), addresses } });
    },
  },
];

describe.skipIf(!isRunnable)(
  "the command of a remedy in Kubernetes, as it is printed (needs KUBEBUILDER_ASSETS)",
  () => {
    let cluster: PublishedCluster;
    beforeAll(async () => {
      cluster = await PublishedCluster.start(assets);
    });
    afterEach(() => cluster.closeWorld());
    afterAll(() => cluster?.stop());

    test.each(CASES)("$what", async ({ about, settings, spoil }) => {
      const passes = await cluster.open(settings);
      await spoil(cluster, passes);
      expect(await runRemedy(passes, about)).toEqual({});
    });
  },
);
