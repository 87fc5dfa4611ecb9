import { expect, test } from "vitest";
import { FIELD_MANAGER_CONFLICT } from "../../shared/clients/kubernetes/errors.ts";
import type { KubeClient } from "../../shared/clients/kubernetes/port.ts";
import { bare, desired, endpoint, ENDPOINTS, goOn, type InCluster, OWNER } from "./kube-fixture.ts";

const NODE = { nodeName: "n", targetRef: { kind: "Node", name: "n", uid: "u" } };

/** The Endpoints object as this app writes it. */
export function describeEndpoints(inCluster: InCluster): void {
  test("are undefined until they are applied, and read back as they were written", async () => {
    const { kube } = inCluster();
    expect(await kube.readEndpoints(goOn())).toBeUndefined();
    const endpoints = [endpoint(3), endpoint(1), endpoint(2, { ready: false }), endpoint(9, { port: 19_182 })];
    await kube.applyEndpoints(desired({ endpoints: endpoints.toReversed() }), goOn());
    const read = await kube.readEndpoints(goOn());
    expect(read).toMatchObject({ owner: OWNER, isManaged: true, skipsMirroring: true });
    expect(read?.endpoints).toStrictEqual([endpoint(1), endpoint(3), endpoints[2], endpoints[3]]);
  });

  test("are in the form that Prometheus and Kubernetes expect, and never mirrored", async () => {
    const { admin, kube } = inCluster();
    await kube.applyEndpoints(desired({ endpoints: [endpoint(1, { zone: "westeurope-1" })] }), goOn());
    const node = { nodeName: "akswin1000001", targetRef: { kind: "Node", name: "akswin1000001", uid: "uid-1" } };
    const raw = await admin.get("Endpoints", "windows-exporter");
    expect(raw?.["subsets"]).toStrictEqual([
      { addresses: [{ ip: "10.240.0.1", ...node }], ports: [{ name: "metrics", port: 9182, protocol: "TCP" }] },
    ]);
    expect(raw?.metadata.labels).toStrictEqual({
      "aks-windows-metrics/app": OWNER,
      "endpointslice.kubernetes.io/skip-mirror": "true",
    });
  });

  test("without any address are empty, not refused", async () => {
    const { kube } = inCluster();
    await kube.applyEndpoints(desired({ endpoints: [] }), goOn());
    expect(await kube.readEndpoints(goOn())).toMatchObject({ endpoints: [], isManaged: true });
    await kube.applyEndpoints(desired(), goOn());
    await kube.applyEndpoints(desired({ endpoints: [] }), goOn());
    expect(await kube.readEndpoints(goOn())).toMatchObject({ endpoints: [], isManaged: true });
  });
}

/** What becomes of them where somebody else writes too. */
export function describeEndpointsOfOthers(inCluster: InCluster): void {
  test("that are applied unchanged keep their version", async () => {
    const { kube } = inCluster();
    await kube.applyEndpoints(desired(), goOn());
    const first = await kube.readEndpoints(goOn());
    await kube.applyEndpoints(desired({ resourceVersion: first?.resourceVersion }), goOn());
    expect(await kube.readEndpoints(goOn())).toStrictEqual(first);
  });

  test("of a version that is not the one that was read are neither written nor deleted", async () => {
    const { kube } = inCluster();
    await kube.applyEndpoints(desired(), goOn());
    const stale = await versionOf(kube);
    await kube.applyEndpoints(desired({ endpoints: [endpoint(5)], resourceVersion: stale }), goOn());
    const changed = { fault: "conflict", code: "Conflict" };
    await expect(kube.applyEndpoints(desired({ resourceVersion: stale }), goOn())).rejects.toMatchObject(changed);
    await expect(kube.deleteEndpoints(stale, goOn())).rejects.toMatchObject(changed);
    expect((await kube.readEndpoints(goOn()))?.endpoints).toStrictEqual([endpoint(5)]);
  });

  test("go with their version, and what is gone is gone", async () => {
    const { kube } = inCluster();
    await kube.applyEndpoints(desired(), goOn());
    const version = await versionOf(kube);
    await kube.deleteEndpoints(version, goOn());
    expect(await kube.readEndpoints(goOn())).toBeUndefined();
    await kube.deleteEndpoints(version, goOn());
    // Server-side apply does not look at the version of what is not there.
    await kube.applyEndpoints(desired({ resourceVersion: version }), goOn());
    expect(await kube.readEndpoints(goOn())).toBeDefined();
  });

  test("that another manager changed are its own: the conflict names it", async () => {
    const { admin, kube } = inCluster();
    await kube.applyEndpoints(desired(), goOn());
    const raw = await admin.get("Endpoints", "windows-exporter");
    await admin.apply({ ...bare(raw), subsets: [{ addresses: [{ ip: "10.9.9.9" }] }] }, "someone-else");
    const read = await kube.readEndpoints(goOn());
    expect(read).toMatchObject({ endpoints: undefined, isManaged: false, owner: OWNER });
    const conflict = {
      fault: "conflict",
      code: FIELD_MANAGER_CONFLICT,
      message: expect.stringContaining("someone-else"),
    };
    const again = desired({ resourceVersion: read?.resourceVersion });
    await expect(kube.applyEndpoints(again, goOn())).rejects.toMatchObject(conflict);
  });

  test.each([
    { what: "no Node behind it", address: { ip: "10.240.0.1", nodeName: "n" } },
    {
      what: "a Pod behind it",
      address: { ip: "10.240.0.1", nodeName: "n", targetRef: { kind: "Pod", name: "n", uid: "u" } },
    },
    { what: "a host name", address: { ip: "10.240.0.1", ...NODE, hostname: "h" } },
    { what: "another port name", address: { ip: "10.240.0.1", ...NODE }, ports: [{ name: "http", port: 9182 }] },
    {
      what: "two ports",
      address: { ip: "10.240.0.1", ...NODE },
      ports: [
        { name: "metrics", port: 1 },
        { name: "b", port: 2 },
      ],
    },
  ])("of another form are not taken for ours: $what", async ({ address, ports }) => {
    const { admin, kube } = inCluster();
    const subsets = [{ addresses: [address], ports: ports ?? [{ name: "metrics", port: 9182 }] }];
    await admin.apply({ ...ENDPOINTS, subsets });
    expect(await kube.readEndpoints(goOn())).toMatchObject({
      endpoints: undefined,
      owner: undefined,
      isManaged: false,
    });
  });
}

async function versionOf(kube: KubeClient): Promise<string> {
  return (await kube.readEndpoints(goOn()))?.resourceVersion ?? "";
}
