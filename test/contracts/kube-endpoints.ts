import { expect, test } from "vitest";
import { FIELD_MANAGER_CONFLICT } from "../../shared/clients/kubernetes/errors.ts";
import type { KubeClient } from "../../shared/clients/kubernetes/port.ts";
import { bare, desired, endpoint, ENDPOINTS, noAbort, type InCluster, OWNER } from "./kube-fixture.ts";

const NODE = { nodeName: "n", targetRef: { kind: "Node", name: "n", uid: "u" } };

/** Tests reading and writing the Endpoints object. */
export function describeEndpoints(inCluster: InCluster): void {
  test("reads the Endpoints object as it was applied, and undefined before", async () => {
    const { kube } = inCluster();
    expect(await kube.readEndpoints(noAbort())).toBeUndefined();
    const endpoints = [endpoint(3), endpoint(1), endpoint(2, { ready: false }), endpoint(9, { port: 19_182 })];
    await kube.applyEndpoints(desired({ endpoints: endpoints.toReversed() }), noAbort());
    const read = await kube.readEndpoints(noAbort());
    expect(read).toMatchObject({ owner: OWNER, isManaged: true, skipsMirroring: true });
    expect(read?.endpoints).toStrictEqual([endpoint(1), endpoint(3), endpoints[2], endpoints[3]]);
  });

  test("writes the form that Prometheus and Kubernetes expect, and disables mirroring", async () => {
    const { admin, kube } = inCluster();
    await kube.applyEndpoints(desired({ endpoints: [endpoint(1, { zone: "westeurope-1" })] }), noAbort());
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

  test("accepts an Endpoints object without addresses", async () => {
    const { kube } = inCluster();
    await kube.applyEndpoints(desired({ endpoints: [] }), noAbort());
    expect(await kube.readEndpoints(noAbort())).toMatchObject({ endpoints: [], isManaged: true });
    await kube.applyEndpoints(desired(), noAbort());
    await kube.applyEndpoints(desired({ endpoints: [] }), noAbort());
    expect(await kube.readEndpoints(noAbort())).toMatchObject({ endpoints: [], isManaged: true });
  });
}

/** Tests the Endpoints object when other field managers write it too. */
export function describeEndpointsOfOthers(inCluster: InCluster): void {
  test("keeps the resourceVersion when applied unchanged", async () => {
    const { kube } = inCluster();
    await kube.applyEndpoints(desired(), noAbort());
    const first = await kube.readEndpoints(noAbort());
    await kube.applyEndpoints(desired({ resourceVersion: first?.resourceVersion }), noAbort());
    expect(await kube.readEndpoints(noAbort())).toStrictEqual(first);
  });

  test("rejects a write and a deletion with an outdated resourceVersion", async () => {
    const { kube } = inCluster();
    await kube.applyEndpoints(desired(), noAbort());
    const stale = await versionOf(kube);
    await kube.applyEndpoints(desired({ endpoints: [endpoint(5)], resourceVersion: stale }), noAbort());
    const changed = { fault: "conflict", code: "Conflict" };
    await expect(kube.applyEndpoints(desired({ resourceVersion: stale }), noAbort())).rejects.toMatchObject(changed);
    await expect(kube.deleteEndpoints(stale, noAbort())).rejects.toMatchObject(changed);
    expect((await kube.readEndpoints(noAbort()))?.endpoints).toStrictEqual([endpoint(5)]);
  });

  test("deletes with the current resourceVersion, and ignores a second deletion", async () => {
    const { kube } = inCluster();
    await kube.applyEndpoints(desired(), noAbort());
    const version = await versionOf(kube);
    await kube.deleteEndpoints(version, noAbort());
    expect(await kube.readEndpoints(noAbort())).toBeUndefined();
    await kube.deleteEndpoints(version, noAbort());
    // Server-side apply ignores the resourceVersion if the object does not exist.
    await kube.applyEndpoints(desired({ resourceVersion: version }), noAbort());
    expect(await kube.readEndpoints(noAbort())).toBeDefined();
  });

  test("reports a conflict that names the field manager of an edit", async () => {
    const { admin, kube } = inCluster();
    await kube.applyEndpoints(desired(), noAbort());
    const raw = await admin.get("Endpoints", "windows-exporter");
    await admin.apply({ ...bare(raw), subsets: [{ addresses: [{ ip: "10.9.9.9" }] }] }, "someone-else");
    const read = await kube.readEndpoints(noAbort());
    expect(read).toMatchObject({ endpoints: undefined, isManaged: false, owner: OWNER });
    const conflict = {
      fault: "conflict",
      code: FIELD_MANAGER_CONFLICT,
      message: expect.stringContaining("someone-else"),
    };
    const again = desired({ resourceVersion: read?.resourceVersion });
    await expect(kube.applyEndpoints(again, noAbort())).rejects.toMatchObject(conflict);
  });

  test.each([
    { what: "an address without a Node", address: { ip: "10.240.0.1", nodeName: "n" } },
    {
      what: "an address of a Pod",
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
  ])("reads an object of another form as unmanaged: $what", async ({ address, ports }) => {
    const { admin, kube } = inCluster();
    const subsets = [{ addresses: [address], ports: ports ?? [{ name: "metrics", port: 9182 }] }];
    await admin.apply({ ...ENDPOINTS, subsets });
    expect(await kube.readEndpoints(noAbort())).toMatchObject({
      endpoints: undefined,
      owner: undefined,
      isManaged: false,
    });
  });
}

async function versionOf(kube: KubeClient): Promise<string> {
  return (await kube.readEndpoints(noAbort()))?.resourceVersion ?? "";
}
