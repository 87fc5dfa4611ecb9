import { once } from "node:events";
import type { RequestListener } from "node:http";
import https from "node:https";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { makeCertificate } from "../../certificates.ts";
import { type ConnectProxy, startConnectProxy } from "../../connect-proxy.ts";
import { CLUSTER, connect, noAbort, open } from "../../contracts/kube-fixture.ts";

const { cert, key } = await makeCertificate();
const SERVICE = JSON.stringify({ metadata: { name: "windows-exporter", uid: "uid-1" } });
/** The requests that the server has read, in order, and the client's port of each. */
let received: { readonly line: string; readonly port: number | undefined }[] = [];
let answer: RequestListener;
const server = https.createServer({ cert, key }, (request, response) => {
  received.push({ line: `${request.method} ${request.url}`, port: request.socket.remotePort });
  answer(request, response);
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const address = server.address();
const port = typeof address === "object" ? address?.port : 0;
const url = `https://127.0.0.1:${port}`;
const PATH = "GET /api/v1/namespaces/monitoring/services/windows-exporter";

beforeEach(() => {
  received = [];
  answer = (_, response) => response.setHeader("content-type", "application/json").end(SERVICE);
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const read = async () => (await open({ url, caPem: cert })).readService(noAbort());

test("the requests of a client that follow each other use one connection", async () => {
  const kube = await open({ url, caPem: cert });
  for (let index = 0; index < 3; index++) await kube.readService(noAbort());
  expect(received.map(({ line }) => line)).toEqual([PATH, PATH, PATH]);
  expect(new Set(received.map(({ port }) => port)).size).toBe(1);
});

test.each([301, 302, 303, 307, 308])("a redirect with %i is an error, and no request follows it", async (status) => {
  answer = (_, response) => response.writeHead(status, { location: `${url}/elsewhere` }).end();
  await expect(read()).rejects.toMatchObject({
    fault: "bug",
    message: expect.stringContaining(`found a redirect to ${url}/elsewhere`),
  });
  expect(received.map(({ line }) => line)).toEqual([PATH]);
});

test("a connection that closes in the middle of a response is transient", async () => {
  answer = (request, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
    response.write(SERVICE, () => request.socket.destroy());
  };
  await expect(read()).rejects.toMatchObject({ fault: "transient" });
});

describe("proxy", () => {
  let proxy: ConnectProxy;
  beforeEach(async () => {
    proxy = await startConnectProxy();
    vi.stubEnv("HTTPS_PROXY", proxy.url);
  });
  afterEach(() => proxy.close());
  const tunnel = { target: `127.0.0.1:${port}`, authorization: undefined };

  test("HTTPS_PROXY names it, and the connection through it is checked by the cluster's CA", async () => {
    const kube = await open({ url, caPem: cert });
    for (let index = 0; index < 3; index++) expect(await kube.readService(noAbort())).toMatchObject({ uid: "uid-1" });
    expect(proxy.asked).toEqual([tunnel]);
    const { cert: other } = await makeCertificate();
    await expect((await open({ url, caPem: other })).readService(noAbort())).rejects.toMatchObject({
      fault: "transient",
      message: expect.stringContaining("not signed by the cluster's CA"),
    });
    expect(proxy.asked).toEqual([tunnel, tunnel]);
  });

  test("NO_PROXY excludes an API server", async () => {
    vi.stubEnv("NO_PROXY", "10.0.0.1,127.0.0.1");
    expect(await read()).toMatchObject({ uid: "uid-1" });
    expect(proxy.asked).toEqual([]);
  });

  test("credentials in its URL are sent to it, and are in no message", async () => {
    vi.stubEnv("HTTPS_PROXY", proxy.url.replace("//", "//app:planted-password@"));
    await read();
    const authorization = `Basic ${Buffer.from("app:planted-password").toString("base64")}`;
    expect(proxy.asked).toEqual([{ ...tunnel, authorization }]);
    proxy.refuses = true;
    await expect(read()).rejects.toMatchObject({ message: expect.not.stringContaining("planted") });
  });

  test("a variable that is no URL is an error, which does not quote it", async () => {
    vi.stubEnv("HTTPS_PROXY", "app:planted-password@proxy:8080:80");
    await expect(open({ url, caPem: cert })).rejects.toThrow(
      /^HTTPS_PROXY or HTTP_PROXY: found no URL, expected one as http:\/\/HOST:PORT$/,
    );
  });

  test("that refuses is named, and the address of the API server is read again", async () => {
    proxy.refuses = true;
    const reads: string[] = [];
    const kubeconfig = () => ({ server: url, caPem: cert });
    const clients = connect({ url, caPem: cert }, { kubeconfig, armRequests: reads });
    for (let index = 0; index < 2; index++) {
      const kube = await clients.open(CLUSTER, noAbort());
      await expect(kube.readService(noAbort())).rejects.toMatchObject({
        fault: "transient",
        message: expect.stringContaining(`The proxy of HTTPS_PROXY does not connect to 127.0.0.1:${port}.`),
      });
    }
    expect(reads).toHaveLength(2);
  });
});
