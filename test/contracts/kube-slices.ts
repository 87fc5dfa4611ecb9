import { expect, test } from "vitest";
import { FIELD_MANAGER_CONFLICT } from "../../shared/clients/kubernetes/errors.ts";
import { bare, endpoint, goOn, type InCluster, OWNER, serviceUid, slice, sliceNamed } from "./kube-fixture.ts";

/** Slices of the Service. */
export function describeSlices(inCluster: InCluster): void {
  test("read back as they were written", async () => {
    const { admin, kube } = inCluster();
    expect(await kube.listSlices(goOn())).toStrictEqual([]);
    const wanted = slice(await serviceUid(kube));
    await kube.applySlice(wanted, goOn());
    const raw = await admin.get("EndpointSlice", "windows-exporter-0");
    expect(await kube.listSlices(goOn())).toStrictEqual([
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

  test("may be empty, and of IPv6", async () => {
    const { kube } = inCluster();
    const uid = await serviceUid(kube);
    await kube.applySlice(slice(uid, { endpoints: [] }), goOn());
    const other = {
      name: "windows-exporter-63",
      addressType: "IPv6",
      endpoints: [endpoint(1, { address: "fd00::1" })],
    } as const;
    await kube.applySlice(slice(uid, other), goOn());
    expect(await kube.listSlices(goOn())).toMatchObject([{ endpoints: [] }, other]);
  });

  test("that are applied unchanged keep their version; a stale one is refused", async () => {
    const { kube } = inCluster();
    const wanted = slice(await serviceUid(kube));
    await kube.applySlice(wanted, goOn());
    const [first] = await kube.listSlices(goOn());
    const resourceVersion = first?.resourceVersion;
    await kube.applySlice({ ...wanted, resourceVersion }, goOn());
    expect(await kube.listSlices(goOn())).toStrictEqual([first]);
    const next = { ...wanted, resourceVersion, endpoints: [endpoint(7)], port: 19_182 };
    await kube.applySlice({ ...next, endpoints: [endpoint(7, { port: 19_182 })] }, goOn());
    const changed = { fault: "conflict", code: "Conflict" };
    await expect(kube.applySlice({ ...wanted, resourceVersion }, goOn())).rejects.toMatchObject(changed);
    await expect(kube.deleteSlice(wanted.name, resourceVersion ?? "", goOn())).rejects.toMatchObject(changed);
    // Without a version it is to be new: one that is there by now is not overwritten.
    await expect(kube.applySlice({ ...wanted, resourceVersion: undefined }, goOn())).rejects.toMatchObject(changed);
    const [second] = await kube.listSlices(goOn());
    await kube.deleteSlice(wanted.name, second?.resourceVersion ?? "", goOn());
    expect(await kube.listSlices(goOn())).toStrictEqual([]);
  });
}

/** What becomes of them where others write, too. */
export function describeSlicesOfOthers(inCluster: InCluster): void {
  test("of others are listed too, of other Services not", async () => {
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
    expect(await kube.listSlices(goOn())).toMatchObject([
      { name: "by-hand", port: 80, ...none },
      { name: "portless", port: undefined, ...none },
    ]);
  });

  test("that another manager changed are its own: the conflict names it", async () => {
    const { admin, kube } = inCluster();
    const wanted = slice(await serviceUid(kube));
    await kube.applySlice(wanted, goOn());
    const raw = await admin.get("EndpointSlice", wanted.name);
    await admin.apply({ ...bare(raw), addressType: "IPv4", endpoints: [{ addresses: ["10.9.9.9"] }] }, "someone-else");
    const conflict = {
      fault: "conflict",
      code: FIELD_MANAGER_CONFLICT,
      message: expect.stringContaining("someone-else"),
    };
    const [{ resourceVersion } = { resourceVersion: "" }] = await kube.listSlices(goOn());
    await expect(kube.applySlice({ ...wanted, resourceVersion }, goOn())).rejects.toMatchObject(conflict);
  });

  test("go with their Service", async ({ skip }) => {
    const { admin, kube } = inCluster();
    if (!admin.hasControllers) skip("no controller manager among the real parts");
    await kube.applySlice(slice(await serviceUid(kube)), goOn());
    await admin.delete("Service", "windows-exporter");
    await expect.poll(() => kube.listSlices(goOn()), { timeout: 20_000 }).toStrictEqual([]);
  });
}
