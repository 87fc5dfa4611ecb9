import { createHttpHeaders, type HttpClient } from "@azure/core-rest-pipeline";
import { describe, expect, test } from "vitest";
import { type AksClient, createAksClient } from "../../../shared/clients/arm/aks.ts";
import { createKubeAccessCache } from "../../../shared/clients/kubernetes/access.ts";
import { CLUSTER_ID } from "../../build.ts";
import { credential } from "../../simulators/arm-fixture.ts";

/** An ARM that gives every request the same response. */
function armOf(response: unknown) {
  const httpClient: HttpClient = {
    sendRequest: async (request) => {
      return { request, status: 200, headers: createHttpHeaders(), bodyAsText: JSON.stringify(response) };
    },
  };
  return { credential: async () => credential, options: { httpClient } };
}

const signal = new AbortController().signal;
const aks = (response: unknown): AksClient => createAksClient(armOf(response));
const cluster = (properties: unknown, name: unknown = "shop") =>
  aks({ name, properties }).readCluster(CLUSTER_ID, signal);
const pools = (...value: readonly unknown[]) => aks({ value }).listPools(CLUSTER_ID, signal);
const WINDOWS = { name: "win1", properties: { osType: "Windows", provisioningState: "Succeeded" } };

describe("a response that lacks what the app needs is a fault that names the object and the field", () => {
  test.each([
    {
      what: "cluster without nodeResourceGroup",
      read: () => cluster({}),
      says: "managed cluster: nodeResourceGroup: missing, expected a text",
    },
    {
      what: "cluster without properties",
      read: () => cluster(null),
      says: "managed cluster: nodeResourceGroup: missing, expected a text",
    },
    {
      what: "cluster with an empty nodeResourceGroup",
      read: () => cluster({ nodeResourceGroup: "" }),
      says: 'managed cluster: nodeResourceGroup: found "", expected a text',
    },
    {
      what: "pool without name",
      read: () => pools(WINDOWS, { ...WINDOWS, name: null }),
      says: "node pool without a name: name: found null, expected a text",
    },
    {
      what: "pool without osType",
      read: () => pools({ name: "win1", properties: {} }),
      says: "node pool win1: osType: missing, expected a text",
    },
    {
      what: "pool with a powerState that is a number",
      read: () =>
        aks({ ...WINDOWS, properties: { ...WINDOWS.properties, powerState: { code: 1 } } }).readPool(
          CLUSTER_ID,
          "win1",
          signal,
        ),
      says: "node pool win1: powerState.code: found 1, expected a text",
    },
  ])("$what", async ({ read, says }) => {
    await expect(read()).rejects.toMatchObject({
      name: "CallError",
      fault: "bug",
      message: expect.stringContaining(`unexpected response, ${says}`),
    });
  });
});

test("null is the same as absent: a cluster keeps its name, and its state counts as an operation in progress", async () => {
  const properties = {
    nodeResourceGroup: "mc_shop",
    powerState: null,
    nodeResourceGroupProfile: null,
    provisioningState: null,
  };
  expect(await cluster(properties, null)).toEqual({
    id: CLUSTER_ID,
    name: "shop",
    nodeResourceGroup: "mc_shop",
    nodeResourceGroupLocked: false,
    provisioningState: "",
    isStopped: false,
  });
  const pool = { ...WINDOWS, properties: { ...WINDOWS.properties, powerState: null } };
  expect(await pools(pool)).toEqual([
    { name: "win1", isWindows: true, provisioningState: "Succeeded", isStopped: false },
  ]);
});

const encode = (text: string): string => Buffer.from(text).toString("base64");
const PLANTED = "planted-private-key";

describe("credentials that lack what the app needs are a fault that names the field and quotes nothing", () => {
  test.each([
    { given: { kubeconfigs: null }, says: "a response with missing or invalid fields: kubeconfigs" },
    { given: { kubeconfigs: [] }, says: "a response with missing or invalid fields: kubeconfigs.0" },
    {
      given: { kubeconfigs: [{ value: null }] },
      says: "a response with missing or invalid fields: kubeconfigs.0.value",
    },
    {
      given: { kubeconfigs: [{ value: [PLANTED] }] },
      says: "a response with missing or invalid fields: kubeconfigs.0.value",
    },
    { given: kubeconfig(`[${PLANTED}`), says: "a kubeconfig that is not YAML" },
    { given: kubeconfig(PLANTED), says: "a kubeconfig with missing or invalid fields: all" },
    {
      given: kubeconfig({
        clusters: [{ cluster: { server: PLANTED } }],
        users: [{ user: { "client-key-data": [PLANTED] } }],
      }),
      says: "clusters.0.cluster.server, clusters.0.cluster.certificate-authority-data, users.0.user.client-key-data",
    },
  ])("$says", async ({ given, says }) => {
    const access = createKubeAccessCache({ arm: armOf(given), allowClusterUserCertificate: false });
    const error = await access.read(CLUSTER_ID, signal).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ fault: "bug", message: expect.stringContaining(`AKS returned `) });
    expect(String(error)).toContain(says);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(PLANTED);
  });
});

function kubeconfig(config: unknown): object {
  return { kubeconfigs: [{ value: encode(typeof config === "string" ? config : JSON.stringify(config)) }] };
}
