import { once } from "node:events";
import { createServer } from "node:https";
import { afterAll, describe, expect, test } from "vitest";
import type { KubeClient } from "../../../shared/clients/kubernetes/port.ts";
import { makeCertificate } from "../../certificates.ts";
import { noAbort, open, windowsNode } from "../../contracts/kube-fixture.ts";

/** An API server that gives every request the same response. */
const certificate = await makeCertificate();
let response: unknown;
const server = createServer(certificate, (_, reply) => {
  reply.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(response));
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const address = server.address();
const url = `https://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

type Call = "readService" | "readEndpoints" | "listWindowsNodes" | "listSlices";

/** Returns the result of a call with this response. */
async function answered<C extends Call>(call: C, given: unknown): Promise<Awaited<ReturnType<KubeClient[C]>>>;
async function answered(call: Call, given: unknown): Promise<unknown> {
  response = given;
  const kube = await open({ url, caPem: certificate.cert });
  return kube[call](noAbort());
}

const META = { name: "windows-exporter", uid: "uid-1", resourceVersion: "7" };
const { metadata, status } = windowsNode(1);
const CREATED = { ...metadata, uid: "uid-2", creationTimestamp: "2026-10-01T12:00:00Z" };
const NODE = { metadata: CREATED, status };
const SLICE = { metadata: { ...META, name: "windows-exporter-0" }, addressType: "IPv4", ports: [], endpoints: [] };

describe("a response that lacks what the app needs is a fault that names the object and the field", () => {
  test.each<{ call: Call; given: unknown; says: string }>([
    { call: "readService", given: null, says: "Service without a name: found null, expected an object" },
    {
      call: "readService",
      given: { metadata: { ...META, uid: null } },
      says: "Service windows-exporter: metadata.uid: found null, expected a text",
    },
    { call: "readEndpoints", given: null, says: "Endpoints without a name: found null, expected an object" },
    {
      call: "readEndpoints",
      given: { metadata: { ...META, resourceVersion: "" } },
      says: 'Endpoints windows-exporter: metadata.resourceVersion: found "", expected a text',
    },
    { call: "listSlices", given: {}, says: "list: items: missing, expected a list" },
    { call: "listSlices", given: { items: null }, says: "list: items: found null, expected a list" },
    { call: "listSlices", given: { items: [null] }, says: "EndpointSlice without a name: found null" },
    {
      call: "listSlices",
      given: { items: [{ ...SLICE, metadata: META, addressType: null }] },
      says: "EndpointSlice windows-exporter: addressType: found null, expected a text",
    },
    { call: "listWindowsNodes", given: { items: null }, says: "list: items: found null, expected a list" },
    {
      call: "listWindowsNodes",
      given: { items: [NODE, { ...NODE, metadata: { ...CREATED, name: null } }] },
      says: "Node without a name: metadata.name: found null, expected a text",
    },
  ])("$call: $says", async ({ call, given, says }) => {
    await expect(answered(call, given)).rejects.toMatchObject({
      name: "CallError",
      fault: "bug",
      message: expect.stringContaining(`unexpected response, ${says}`),
    });
  });
});

describe("null is the same as absent", () => {
  test("in a Service", async () => {
    const given = { metadata: { ...META, annotations: null }, spec: { selector: null, ipFamilies: null } };
    expect(await answered("readService", given)).toEqual({
      uid: "uid-1",
      hasSelector: false,
      primaryFamily: "IPv4",
      isPaused: false,
    });
  });

  test("in an Endpoints object", async () => {
    const given = { metadata: { ...META, labels: null, managedFields: null }, subsets: null };
    expect(await answered("readEndpoints", given)).toMatchObject({ endpoints: [], isManaged: false });
  });

  test("in an EndpointSlice", async () => {
    const ports = [{ name: "metrics", port: 9182, protocol: "TCP", appProtocol: null }];
    const bare = { ...SLICE, metadata: { ...SLICE.metadata, labels: null, ownerReferences: null }, endpoints: null };
    const given = { items: [bare, { ...bare, ports: null }, { ...bare, ports }] };
    const found = await answered("listSlices", given);
    expect(found.map(({ port, endpoints }) => ({ port, endpoints }))).toEqual([
      { port: undefined, endpoints: undefined },
      { port: undefined, endpoints: undefined },
      { port: 9182, endpoints: [] },
    ]);
  });

  test("in a Node, whose deletionTimestamp then is none", async () => {
    const bare = { ...CREATED, labels: null, deletionTimestamp: null };
    const status = { addresses: null, conditions: null, nodeInfo: null };
    const given = { items: [{ metadata: bare, status }, { metadata: bare }] };
    const node = { bootId: undefined, isDeleting: false, ready: "Unknown", pool: undefined, internalIps: [] };
    expect(await answered("listWindowsNodes", given)).toMatchObject({ nodes: [node, node], unreadable: [] });
  });
});

test("a selector of any label selects", async () => {
  const given = { metadata: META, spec: { selector: { constructor: "x" } } };
  expect(await answered("readService", given)).toMatchObject({ hasSelector: true });
});

test.each([
  { addresses: null },
  { addresses: [null] },
  { addresses: ["10.0.0.1"], targetRef: "node" },
  { addresses: ["10.0.0.1"], conditions: { ready: "yes" } },
])("a slice with the endpoint %j is read as one with content of others", async (endpoint) => {
  const ports = [{ name: "metrics", port: 9182, protocol: "TCP" }];
  const given = { items: [{ ...SLICE, ports, endpoints: [endpoint] }] };
  expect(await answered("listSlices", given)).toMatchObject([{ name: "windows-exporter-0", endpoints: undefined }]);
});

test.each([
  { what: "an address that is null", change: { addresses: [{ type: "InternalIP", address: null }] } },
  { what: "an address that is missing", change: { addresses: [{ type: "InternalIP" }] } },
  { what: "a condition without status", change: { conditions: [{ type: "Ready" }] } },
  { what: "a condition of another status", change: { conditions: [{ type: "Ready", status: "Maybe" }] } },
  {
    what: "a lastTransitionTime that is not a date",
    change: { conditions: [{ type: "Ready", status: "Unknown", lastTransitionTime: "soon" }] },
  },
])("a node with $what hides no other node, and is listed as unreadable", async ({ change }) => {
  const bad = { metadata: { ...CREATED, name: "BAD" }, status: { ...Object(status), ...change } };
  expect(await answered("listWindowsNodes", { items: [bad, NODE] })).toMatchObject({
    nodes: [{ name: "akswin1000001" }],
    unreadable: [{ name: "bad", problem: expect.stringMatching(/^unexpected response, Node BAD: status\./) }],
  });
});

test("a node whose kubelet has not reported has no boot ID", async () => {
  const given = { items: [{ ...NODE, status: { nodeInfo: { bootID: "" } } }] };
  expect(await answered("listWindowsNodes", given)).toMatchObject({ nodes: [{ bootId: undefined }] });
});

test("an empty address is one of the node's addresses, because the API server stores it", async () => {
  const addresses = ["", "10.0.0.1"].map((address) => ({ type: "InternalIP", address }));
  const { nodes } = await answered("listWindowsNodes", { items: [{ ...NODE, status: { addresses } }] });
  expect(nodes).toMatchObject([{ internalIps: ["", "10.0.0.1"] }]);
});

test("conditions and addresses of other types can have any form", async () => {
  const others = { addresses: [{ type: "Hostname", address: null }, {}], conditions: [{ type: "X", status: "Maybe" }] };
  const given = { ...NODE, status: others };
  expect(await answered("listWindowsNodes", { items: [given] })).toMatchObject({
    nodes: [{ internalIps: [], ready: "Unknown" }],
    unreadable: [],
  });
});

test("a node whose Ready condition has no time is Unknown since no known time", async () => {
  const conditions = [{ type: "Ready", status: "Unknown", lastTransitionTime: null }];
  const { nodes } = await answered("listWindowsNodes", { items: [{ ...NODE, status: { conditions } }] });
  expect(nodes).toMatchObject([{ ready: "Unknown", readySince: undefined }]);
});
