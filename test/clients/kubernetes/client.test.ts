import { once } from "node:events";
import { createServer } from "node:net";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type Certificate, makeCertificate } from "../../certificates.ts";
import { Clock } from "../../clock.ts";
import {
  APP_OID,
  appToken,
  CLUSTER,
  connect,
  desired,
  noAbort,
  open,
  OWNER,
  type KubeconfigParts,
  windowsNode,
} from "../../contracts/kube-fixture.ts";
import { readManifests } from "../../manifests.ts";
import { freePorts } from "../../ports.ts";
import { type KubeSimulator, startKubeSimulator } from "../../simulators/kubernetes/kube-simulator.ts";

const READ =
  "POST /subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/shop-rg/providers/Microsoft.ContainerService/managedClusters/shop/listClusterUserCredential";
let certificate: Certificate;
let kubernetes: KubeSimulator;

beforeAll(async () => {
  certificate = await makeCertificate();
});
beforeEach(async () => {
  kubernetes = await startKubeSimulator({ clock: new Clock(), certificate, manifests: readManifests(APP_OID) });
});
afterEach(async () => {
  vi.useRealTimers();
  await kubernetes.close();
});

describe("cache of the kubeconfig", () => {
  test("reads the user kubeconfig once, and sends a token for AKS with every request", async () => {
    const armRequests: string[] = [];
    const scopes: unknown[] = [];
    const clients = connect(kubernetes, { armRequests, beforeRequest: (scope) => void scopes.push(scope) });
    const kube = await clients.open(CLUSTER, noAbort());
    await kube.readService(noAbort());
    await (await clients.open(CLUSTER, noAbort())).readService(noAbort());
    expect(armRequests).toStrictEqual([expect.stringMatching(`^${READ}\\?`)]);
    expect(armRequests[0]).toContain("format=exec");
    const aks = scopes.filter((scope) => scope === "6dae42f8-4368-4678-94ff-3960e28e3630/.default");
    expect(aks).toHaveLength(2);
    expect(kubernetes.journal.map(({ user, status }) => ({ user, status }))).toStrictEqual(
      Array.from({ length: 2 }, () => ({ user: APP_OID, status: 200 })),
    );
  });

  test("expires after 6 hours", async () => {
    const armRequests: string[] = [];
    const clients = connect(kubernetes, { armRequests });
    vi.useFakeTimers({ toFake: ["Date"] });
    await clients.open(CLUSTER, noAbort());
    vi.setSystemTime(Date.now() + 6 * 3_600_000 - 1000);
    await clients.open(CLUSTER, noAbort());
    expect(armRequests).toHaveLength(1);
    vi.setSystemTime(Date.now() + 2000);
    await clients.open(CLUSTER, noAbort());
    expect(armRequests).toHaveLength(2);
  });

  test.each([
    {
      what: "another CA",
      change: async () => ({ caPem: (await makeCertificate()).cert }),
      text: "not signed by the cluster's CA",
    },
    {
      what: "an unknown host name",
      change: async () => ({ server: "https://no-such-host.invalid:443" }),
      text: "private DNS zone",
    },
  ])("is discarded after an error with $what, which is explained", async ({ change, text }) => {
    const armRequests: string[] = [];
    const good: KubeconfigParts = { server: kubernetes.url, caPem: kubernetes.caPem };
    const bad = { ...good, ...(await change()) };
    const clients = connect(kubernetes, { armRequests, kubeconfig: () => (armRequests.length === 1 ? bad : good) });
    const first = await clients.open(CLUSTER, noAbort());
    await expect(first.readService(noAbort())).rejects.toMatchObject({
      fault: "transient",
      message: expect.stringContaining(text),
    });
    const second = await clients.open(CLUSTER, noAbort());
    expect(await second.readService(noAbort())).toBeDefined();
    expect(armRequests).toHaveLength(2);
  });
});

describe("kubeconfig", () => {
  test("is kept after a refused connection", async () => {
    const armRequests: string[] = [];
    const [free = 0] = await freePorts(1);
    const server = `https://127.0.0.1:${free}`;
    const clients = connect(kubernetes, { armRequests, kubeconfig: () => ({ server, caPem: kubernetes.caPem }) });
    const kube = await clients.open(CLUSTER, noAbort());
    await expect(kube.readService(noAbort())).rejects.toMatchObject({ fault: "transient", code: "ECONNREFUSED" });
    await clients.open(CLUSTER, noAbort());
    expect(armRequests).toHaveLength(1);
  });

  test("of a cluster without Entra is rejected, unless the client certificate is allowed", async () => {
    const user = {
      "client-certificate-data": encode(certificate.cert),
      "client-key-data": encode(certificate.key),
      token: "planted-administrator-token",
    };
    const kubeconfig = () => ({ server: kubernetes.url, caPem: kubernetes.caPem, user });
    await expect(open(kubernetes, { kubeconfig })).rejects.toMatchObject({ fault: "denied", code: "NoEntra" });
    const kube = await open(kubernetes, { kubeconfig, allowClusterUserCertificate: true });
    // Without a token, the simulator treats the request as anonymous, because it does not check client certificates.
    await expect(kube.readService(noAbort())).rejects.toMatchObject({ fault: "denied" });
    // After the 403, the client asks whether the API server is ready.
    expect(kubernetes.journal.map(({ user }) => user)).toStrictEqual(["system:anonymous", "system:anonymous"]);
  });

  test("is not quoted in the error if it is invalid", async () => {
    await expect(
      open(kubernetes, { kubeconfig: () => ({ server: "not a url", caPem: "planted" }) }),
    ).rejects.toMatchObject({
      fault: "bug",
      message:
        "list user credentials of shop: AKS returned a kubeconfig with missing or invalid fields: clusters.0.cluster.server.",
    });
  });
});

function encode(text: string): string {
  return Buffer.from(text).toString("base64");
}

describe("list of nodes", () => {
  beforeEach(async () => {
    for (let index = 0; index < 1001; index++) await kubernetes.putNode(windowsNode(index));
  });

  test.each([
    { what: "500", fault: { status: 500 }, expected: { fault: "transient" } },
    { what: "410", fault: { status: 410 }, expected: { fault: "transient" } },
    { what: "403", fault: { status: 403 }, expected: { fault: "denied" } },
    { what: "404", fault: { status: 404 }, expected: { fault: "not-found" } },
    { what: "a closed connection", fault: { status: 0 }, expected: { fault: "transient" } },
    {
      what: "429",
      fault: { status: 429, headers: { "retry-after": "7" } },
      expected: { fault: "throttled", retryAfterMs: 7000 },
    },
  ])("rejects if its last page fails with $what", async ({ fault, expected }) => {
    kubernetes.faults.push({ resource: "nodes", skip: 10, times: 1, ...fault });
    await expect((await open(kubernetes)).listWindowsNodes(noAbort())).rejects.toMatchObject(expected);
  });

  test("requests pages of 100 Windows nodes", async () => {
    await (await open(kubernetes)).listWindowsNodes(noAbort());
    const queries = kubernetes.journal.map(({ query }) => query);
    const plain = { labelSelector: "kubernetes.io/os=windows", limit: "100" };
    const next = { ...plain, continue: expect.any(String) };
    expect(queries).toStrictEqual([plain, ...Array.from({ length: 10 }, () => next)]);
  });
});

describe("request", () => {
  test("applies with the app's field manager and without force", async () => {
    await (await open(kubernetes)).applyEndpoints(desired(), noAbort());
    expect(kubernetes.journal.at(-1)?.query).toStrictEqual({ fieldManager: `aks-windows-metrics-${OWNER}` });
  });

  test("an aborted request rejects with the reason", async () => {
    const kube = await open(kubernetes);
    const reason = new DOMException("the pass has no time left", "TimeoutError");
    await expect(kube.readService(AbortSignal.abort(reason))).rejects.toMatchObject({
      fault: "transient",
      message: "read the Service: the pass has no time left",
    });
  });

  test("a connection times out after 5 s", { timeout: 20_000 }, async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = silent.address();
    const server = `https://127.0.0.1:${address !== null && typeof address === "object" ? address.port : 0}`;
    const kube = await open(kubernetes, { kubeconfig: () => ({ server, caPem: kubernetes.caPem }) });
    const startedAt = performance.now();
    await expect(kube.readService(noAbort())).rejects.toMatchObject({
      fault: "transient",
      message: expect.stringContaining("no connection within 5 s"),
    });
    expect(performance.now() - startedAt).toBeLessThan(8000);
    silent.close();
  });

  test("an expired token is denied", async () => {
    const token = appToken(APP_OID, undefined, -60_000);
    await expect((await open(kubernetes, { token })).readService(noAbort())).rejects.toMatchObject({
      fault: "denied",
    });
  });
});
