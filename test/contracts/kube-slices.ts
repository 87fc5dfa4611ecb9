import { expect, test } from "vitest";
import { FIELD_MANAGER_CONFLICT } from "../../shared/clients/kubernetes/errors.ts";
import { bare, endpoint, noAbort, type InCluster, OWNER, serviceUid, slice, sliceNamed } from "./kube-fixture.ts";

/** Tests reading and writing EndpointSlices. */
export function describeSlices(inCluster: InCluster): void {
  test("reads a slice as it was applied", async () => {
    const { admin, kube } = inCluster();
    expect(await kube.listSlices(noAbort())).toStrictEqual([]);
    const wanted = slice(await serviceUid(kube));
    await kube.applySlice(wanted, noAbort());
    const raw = await admin.get("EndpointSlice", "windows-exporter-0");
    expect(await kube.listSlices(noAbort())).toStrictEqual([
      { ...wanted, managedBy: "aks-windows-metrics", resourceVersion: raw?.metadata.resourceVersion },
    ]);
    const { name, uid } = (await admin.get("Service", "windows-exporter"))?.metadata ?? {};
    expect(raw?.metadata.ownerReferences).toStrictEqual([{ apiVersion: "v1", kind: "Service", name, uid }]);
    expect(raw?.metadata.labels).toStrictEqual({
      "aks-windows-metrics/app": OWNER,
      "endpointslice.kubernetes.io/managed-by": "aks-windows-metrics",
      "kubernetes.io/service-name": "windows-exporter",
    });
  });

  test("accepts an empty slice and an IPv6 slice", async () => {
    const { kube } = inCluster();
    const uid = await serviceUid(kube);
    await kube.applySlice(slice(uid, { endpoints: [] }), noAbort());
    const other = {
      name: "windows-exporter-63",
      addressType: "IPv6",
      endpoints: [endpoint(1, { address: "fd00::1" })],
    } as const;
    await kube.applySlice(slice(uid, other), noAbort());
    expect(await kube.listSlices(noAbort())).toMatchObject([{ endpoints: [] }, other]);
  });

  test("keeps the resourceVersion when applied unchanged, and rejects an outdated one", async () => {
    const { kube } = inCluster();
    const wanted = slice(await serviceUid(kube));
    await kube.applySlice(wanted, noAbort());
    const [first] = await kube.listSlices(noAbort());
    const resourceVersion = first?.resourceVersion;
    await kube.applySlice({ ...wanted, resourceVersion }, noAbort());
    expect(await kube.listSlices(noAbort())).toStrictEqual([first]);
    const next = { ...wanted, resourceVersion, endpoints: [endpoint(7)], port: 19_182 };
    await kube.applySlice({ ...next, endpoints: [endpoint(7, { port: 19_182 })] }, noAbort());
    const changed = { fault: "conflict", code: "Conflict" };
    await expect(kube.applySlice({ ...wanted, resourceVersion }, noAbort())).rejects.toMatchObject(changed);
    await expect(kube.deleteSlice(wanted.name, resourceVersion ?? "", noAbort())).rejects.toMatchObject(changed);
    // A slice without a resourceVersion has to be new: the client does not overwrite an existing one.
    await expect(kube.applySlice({ ...wanted, resourceVersion: undefined }, noAbort())).rejects.toMatchObject(changed);
    const [second] = await kube.listSlices(noAbort());
    await kube.deleteSlice(wanted.name, second?.resourceVersion ?? "", noAbort());
    expect(await kube.listSlices(noAbort())).toStrictEqual([]);
  });
}

/** Tests slices that other field managers write. */
export function describeSlicesOfOthers(inCluster: InCluster): void {
  test("lists foreign slices of the Service, and no slices of other Services", async () => {
    const { admin, kube } = inCluster();
    const foreign = {
      addressType: "IPv4",
      endpoints: [{ addresses: ["10.9.9.9"] }],
      ports: [{ name: "http", port: 80 }],
    };
    await admin.apply({ ...sliceNamed("by-hand", "windows-exporter"), ...foreign });
    await admin.apply({ ...sliceNamed("of-another", "web"), ...foreign });
    await admin.apply({ ...sliceNamed("portless", "windows-exporter"), addressType: "IPv4", endpoints: [], ports: [] });
    const none = { endpoints: undefined, owner: undefined, managedBy: undefined, serviceUid: undefined };
    expect(await kube.listSlices(noAbort())).toMatchObject([
      { name: "by-hand", port: 80, ...none },
      { name: "portless", port: undefined, ...none },
    ]);
  });

  test("reports a conflict that names the field manager of an edit", async () => {
    const { admin, kube } = inCluster();
    const wanted = slice(await serviceUid(kube));
    await kube.applySlice(wanted, noAbort());
    const raw = await admin.get("EndpointSlice", wanted.name);
    await admin.apply({ ...bare(raw), addressType: "IPv4", endpoints: [{ addresses: ["10.9.9.9"] }] }, "someone-else");
    const conflict = {
      fault: "conflict",
      code: FIELD_MANAGER_CONFLICT,
      message: expect.stringContaining("someone-else"),
    };
    const [{ resourceVersion } = { resourceVersion: "" }] = await kube.listSlices(noAbort());
    await expect(kube.applySlice({ ...wanted, resourceVersion }, noAbort())).rejects.toMatchObject(conflict);
  });

  test("Kubernetes deletes the slices with their Service", async ({ skip }) => {
    const { admin, kube } = inCluster();
    if (!admin.hasControllers) skip("needs kube-controller-manager");
    await kube.applySlice(slice(await serviceUid(kube)), noAbort());
    await admin.delete("Service", "windows-exporter");
    await expect.poll(() => kube.listSlices(noAbort()), { timeout: 20_000 }).toStrictEqual([]);
  });
}
