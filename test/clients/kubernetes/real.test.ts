import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import type { KubeClient } from "../../../shared/clients/kubernetes/port.ts";
import type { KubeObject } from "../../contracts/cluster-admin.ts";
import { APP_OID, desired, noAbort, open, serviceUid, slice } from "../../contracts/kube-fixture.ts";
import { describeKube } from "../../contracts/kube.ts";
import { PLACEHOLDER, readManifests } from "../../manifests.ts";
import { type ControlPlane, startControlPlane } from "../../real/control-plane.ts";

const assets = process.env["KUBEBUILDER_ASSETS"] ?? "";
const has = (program: string): boolean => assets !== "" && existsSync(path.join(assets, program));
const MIRRORING = "endpointslicemirroring-controller.k8s.io";
const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";

describe.skipIf(!has("kube-apiserver"))("with KUBEBUILDER_ASSETS", () => {
  describeKube("a real API server", () => startControlPlane({ assets, manifests: [] }));
});

describe.skipIf(!has("kube-controller-manager"))("mirroring controller (needs kube-controller-manager)", () => {
  let real: ControlPlane;
  let kube: KubeClient;
  beforeAll(async () => {
    real = await startControlPlane({ assets, manifests: readManifests(APP_OID) });
    kube = await open(real);
  });
  afterAll(() => real.close());

  /** Waits until the controller has mirrored a new Service, and so has processed all earlier writes. */
  async function untilMirrored(name: string): Promise<void> {
    const [service] = readManifests(APP_OID).filter(({ kind }) => kind === "Service");
    await real.apply({ ...named("v1", "Service", name), spec: service?.["spec"] });
    const subsets = [{ addresses: [{ ip: "10.9.9.9" }], ports: [{ name: "metrics", port: 9182 }] }];
    await real.apply({ ...named("v1", "Endpoints", name), subsets });
    await expect.poll(() => mirrored(name), { timeout: 20_000 }).toHaveLength(1);
  }

  async function mirrored(service: string): Promise<readonly KubeObject[]> {
    const slices = await real.list("EndpointSlice");
    return slices.filter(
      ({ metadata: { labels } }) =>
        labels?.["kubernetes.io/service-name"] === service && labels[MANAGED_BY] === MIRRORING,
    );
  }

  test("never mirrors the app's Endpoints, in any order of writes", async () => {
    const uid = await serviceUid(kube);
    await kube.applyEndpoints(desired(), noAbort());
    await untilMirrored("control-1");
    expect(await mirrored("windows-exporter")).toStrictEqual([]);
    await kube.applySlice(slice(uid), noAbort());
    await kube.applyEndpoints(desired({ endpoints: [] }), noAbort());
    await untilMirrored("control-2");
    expect(await kube.listSlices(noAbort())).toMatchObject([{ managedBy: "aks-windows-metrics" }]);
    await kube.deleteEndpoints((await kube.readEndpoints(noAbort()))?.resourceVersion ?? "", noAbort());
    await kube.applyEndpoints(desired(), noAbort());
    await untilMirrored("control-3");
    expect(await kube.listSlices(noAbort())).toMatchObject([{ managedBy: "aks-windows-metrics" }]);
  });

  test("deletes its slice of foreign Endpoints after the app has replaced them", async () => {
    const { resourceVersion = "" } = (await real.get("Endpoints", "windows-exporter"))?.metadata ?? {};
    await kube.deleteEndpoints(resourceVersion, noAbort());
    const subsets = [{ addresses: [{ ip: "10.240.0.1" }], ports: [{ name: "metrics", port: 9182 }] }];
    await real.apply({ ...named("v1", "Endpoints", "windows-exporter"), subsets });
    await expect.poll(() => mirrored("windows-exporter"), { timeout: 20_000 }).toHaveLength(1);
    await real.delete("Endpoints", "windows-exporter");
    await kube.applyEndpoints(desired(), noAbort());
    await expect.poll(() => mirrored("windows-exporter"), { timeout: 20_000 }).toStrictEqual([]);
  });
});

test.skipIf(!has("kubectl"))(
  "kubectl renders the manifests as the tests read them (needs kubectl in KUBEBUILDER_ASSETS)",
  () => {
    const rendered = ["base", "bindings"].flatMap((name) => {
      const folder = fileURLToPath(new URL(`../../../infra/kubernetes/${name}`, import.meta.url));
      const text = execFileSync(path.join(assets, "kubectl"), ["kustomize", folder], { encoding: "utf8" });
      return parseAllDocuments(text).map((document) => document.toJS() as KubeObject);
    });
    expect(rendered.toSorted(byName)).toStrictEqual(readManifests(PLACEHOLDER).toSorted(byName));
  },
);

const byName = (a: KubeObject, b: KubeObject): number => a.kind.localeCompare(b.kind);

function named(apiVersion: string, kind: string, name: string): KubeObject {
  return { apiVersion, kind, metadata: { name } };
}
