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
  type KubeconfigParts,
  open,
  windowsNode,
} from "../../contracts/kube-fixture.ts";
import { readManifests } from "../../manifests.ts";
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

describe("access, and how long it is kept", () => {
  test("is what the users' kubeconfig says, read once; every request has a token for AKS", async () => {
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

  test("is read again after 6 hours", async () => {
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
      what: "a name that is not known",
      change: async () => ({ server: "https://no-such-host.invalid:443" }),
      text: "private DNS zone",
    },
  ])("with $what is explained, and read again", async ({ change, text }) => {
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

describe("access", () => {
  test("that only fails to connect is kept", async () => {
    const armRequests: string[] = [];
    const server = "https://127.0.0.1:1";
    const clients = connect(kubernetes, { armRequests, kubeconfig: () => ({ server, caPem: kubernetes.caPem }) });
    const kube = await clients.open(CLUSTER, noAbort());
    await expect(kube.readService(noAbort())).rejects.toMatchObject({ fault: "transient", code: "ECONNREFUSED" });
    await clients.open(CLUSTER, noAbort());
    expect(armRequests).toHaveLength(1);
  });

  test("of a cluster without Entra is refused, unless its certificate is allowed", async () => {
    const user = {
      "client-certificate-data": encode(certificate.cert),
      "client-key-data": encode(certificate.key),
      token: "planted-administrator-token",
    };
    const kubeconfig = () => ({ server: kubernetes.url, caPem: kubernetes.caPem, user });
    await expect(open(kubernetes, { kubeconfig })).rejects.toMatchObject({ fault: "denied", code: "NoEntra" });
    const kube = await open(kubernetes, { kubeconfig, allowClusterUserCertificate: true });
    // Without a token the server takes the request for nobody's: it does not look at certificates.
    await expect(kube.readService(noAbort())).rejects.toMatchObject({ fault: "denied" });
    expect(kubernetes.journal.map(({ user }) => user)).toStrictEqual(["system:anonymous"]);
  });

  test("that cannot be read quotes nothing of it", async () => {
    await expect(
      open(kubernetes, { kubeconfig: () => ({ server: "not a url", caPem: "planted" }) }),
    ).rejects.toMatchObject({
      fault: "bug",
      message:
        "list user credentials of shop: AKS returned a kubeconfig without a valid server URL or without a CA certificate.",
    });
  });
});

function encode(text: string): string {
  return Buffer.from(text).toString("base64");
}

describe("a list of nodes", () => {
  beforeEach(async () => {
    for (let index = 0; index < 1001; index++) await kubernetes.putNode(windowsNode(index));
  });

  test.each([
    { what: "500", fault: { status: 500 }, expected: { fault: "transient" } },
    { what: "410", fault: { status: 410 }, expected: { fault: "transient" } },
    { what: "403", fault: { status: 403 }, expected: { fault: "denied" } },
    { what: "404", fault: { status: 404 }, expected: { fault: "not-found" } },
    { what: "a cut connection", fault: { status: 0, times: 2 }, expected: { fault: "transient" } },
    {
      what: "429",
      fault: { status: 429, headers: { "retry-after": "7" } },
      expected: { fault: "throttled", retryAfterMs: 7000 },
    },
  ])("that ends on its last page with $what gives nothing", async ({ fault, expected }) => {
    kubernetes.faults.push({ resource: "nodes", skip: 10, times: 1, ...fault });
    await expect((await open(kubernetes)).listWindowsNodes(noAbort())).rejects.toMatchObject(expected);
  });

  test("asks for 100 at a time, of Windows only", async () => {
    await (await open(kubernetes)).listWindowsNodes(noAbort());
    const queries = kubernetes.journal.map(({ query }) => query);
    const plain = { labelSelector: "kubernetes.io/os=windows", limit: "100" };
    const next = { ...plain, continue: expect.any(String) };
    expect(queries).toStrictEqual([plain, ...Array.from({ length: 10 }, () => next)]);
  });
});

describe("a request", () => {
  test("applies as our field manager, and never by force", async () => {
    await (await open(kubernetes)).applyEndpoints(desired(), noAbort());
    expect(kubernetes.journal.at(-1)?.query).toStrictEqual({ fieldManager: "aks-windows-metrics" });
  });

  test("that is called off says why", async () => {
    const kube = await open(kubernetes);
    const reason = new DOMException("the pass has no time left", "TimeoutError");
    await expect(kube.readService(AbortSignal.abort(reason))).rejects.toMatchObject({
      fault: "transient",
      message: "read the Service: the pass has no time left",
    });
  });

  test("gives up a connection that does not come about in 5 s", { timeout: 20_000 }, async () => {
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

  test("whose token has ended is denied", async () => {
    const token = appToken(APP_OID, undefined, -60_000);
    await expect((await open(kubernetes, { token })).readService(noAbort())).rejects.toMatchObject({
      fault: "denied",
    });
  });
});
