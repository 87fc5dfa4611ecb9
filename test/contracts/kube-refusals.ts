import { expect, test } from "vitest";
import { AKS_AUDIENCE } from "../entra-user.ts";
import {
  APP_OID,
  appToken,
  desired,
  endpoint,
  ENDPOINTS,
  noAbort,
  inParallel,
  type InCluster,
  open,
  serviceUid,
  slice,
  windowsNode,
} from "./kube-fixture.ts";

const WRITES = ["APPLY endpoints", "DELETE endpoints", "APPLY endpointslices", "DELETE endpointslices"];

/** Tests the errors of the API server, and how the client reports them. */
export function describeRefusals(inCluster: InCluster): void {
  test("reports invalid objects as bugs, and changes nothing", async () => {
    const { kube } = inCluster();
    const uid = await serviceUid(kube);
    await kube.applySlice(slice(uid), noAbort());
    const before = await kube.listSlices(noAbort());
    const invalid = { fault: "bug", code: "Invalid" };
    const many = Array.from({ length: 1001 }, (_, index) => endpoint(index));
    const bad = [
      slice(uid, { addressType: "IPv6", endpoints: [] }),
      slice(uid, { endpoints: many }),
      slice(uid, { endpoints: [endpoint(1, { address: "127.0.0.1" })] }),
      slice(uid, { endpoints: [endpoint(1, { address: "169.254.0.1" })] }),
      slice(uid, { endpoints: [endpoint(1, { address: "fd00::1" })] }),
      slice(""),
    ];
    const resourceVersion = before[0]?.resourceVersion;
    for (const each of bad) {
      await expect(kube.applySlice({ ...each, resourceVersion }, noAbort())).rejects.toMatchObject(invalid);
    }
    const loopback = desired({ endpoints: [endpoint(1, { address: "127.0.0.1" })] });
    await expect(kube.applyEndpoints(loopback, noAbort())).rejects.toMatchObject(invalid);
    expect(await kube.listSlices(noAbort())).toStrictEqual(before);
    expect(await kube.readEndpoints(noAbort())).toBeUndefined();
  });

  test("the API server rejects an empty subset and a zone in v1 Endpoints", async () => {
    const { admin } = inCluster();
    const ports = [{ name: "metrics", port: 9182 }];
    const empty = admin.apply({ ...ENDPOINTS, subsets: [{ addresses: [], ports }] });
    await expect(empty).rejects.toThrow("must specify `addresses` or `notReadyAddresses`");
    const zoned = admin.apply({ ...ENDPOINTS, subsets: [{ addresses: [{ ip: "10.0.0.1", zone: "1" }], ports }] });
    await expect(zoned).rejects.toThrow("field not declared in schema");
  });

  test("explains a token with the wrong audience, and does not disclose it", async () => {
    const { admin } = inCluster();
    const token = appToken(APP_OID, "https://management.azure.com/");
    const other = await open(admin, { token });
    const failure: unknown = await other.readService(noAbort()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ fault: "denied", code: "Unauthorized" });
    expect(String(failure)).toContain("rejected the app's token");
    expect(JSON.stringify(failure) + String(failure)).not.toContain(token.slice(0, 30));
  });

  test("names the verb, the resource and the command that grants it if the user has no role", async () => {
    const { admin } = inCluster();
    const oid = "00000000-0000-4000-8000-0000000000ff";
    const other = await open(admin, { token: appToken(oid) });
    const command = `apply-manifests.sh --principal ${oid} --cluster CLUSTER-ID --namespace monitoring`;
    const message = expect.stringMatching(`lacks the verb get on services\\. Apply the manifests .*${command}`);
    await expect(other.readService(noAbort())).rejects.toMatchObject({
      fault: "denied",
      code: "Forbidden",
      message,
    });
  });

  test("rejects a list whose continue token expires between two pages", { timeout: 120_000 }, async () => {
    const { admin } = inCluster();
    await inParallel(
      Array.from({ length: 501 }, (_, index) => windowsNode(index)),
      (node) => admin.putNode(node),
    );
    let requests = 0;
    const slow = await open(admin, {
      beforeRequest: async (scope) => {
        if (String(scope).includes(AKS_AUDIENCE)) requests += 1;
        if (requests === 2) await admin.expireLists();
      },
    });
    await expect(slow.listWindowsNodes(noAbort())).rejects.toMatchObject({ fault: "transient", code: "Expired" });
    expect(requests).toBe(2);
  });

  test("does not write when it only reads", async () => {
    const { admin, kube } = inCluster();
    const before = await admin.requests();
    await Promise.all([kube.readService(noAbort()), kube.readEndpoints(noAbort()), kube.listSlices(noAbort())]);
    const after = await admin.requests();
    for (const write of WRITES) expect(after[write]).toBe(before[write]);
  });
}
