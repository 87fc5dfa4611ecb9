import type { HttpLibrary, V1ListMeta } from "@kubernetes/client-node";
import type { ClusterId } from "../../model/ids.ts";
import { MANAGER, SERVICE_NAME } from "../../model/slice.ts";
import { CallError, textIn, unlessAbsent } from "../errors.ts";
import type * as Sdk from "../sdk/kubernetes.ts";
import { createKubeAccesses, type KubeAccess, type KubeAccessOptions } from "./access.ts";
import { endpointsToApply, sliceToApply } from "./apply.ts";
import { callingKube, KubeUnreachable } from "./errors.ts";
import { SERVICE_LABEL, toEndpoints, toNode, toService, toSlice } from "./objects.ts";
import type { KubeClient } from "./port.ts";

/** The Entra application of AKS, the same in every tenant. */
const AKS_SCOPE = "6dae42f8-4368-4678-94ff-3960e28e3630/.default";
const PAGE = 500;

export interface KubeOptions extends KubeAccessOptions {
  /** Where the Service is. */
  readonly namespace: string;
}

/** Clients of the clusters' API servers; a client is for one pass. */
export interface KubeClients {
  open(cluster: ClusterId, signal: AbortSignal): Promise<KubeClient>;
}

/** The SDK's two APIs over our own connection, for one call. */
interface Apis {
  readonly core: Sdk.CoreV1Api;
  readonly discovery: Sdk.DiscoveryV1Api;
}
type Connect = (signal: AbortSignal) => Apis;

/** Made once per worker: addresses and connections are kept. */
export function createKubeClients(options: KubeOptions): KubeClients {
  const accesses = createKubeAccesses(options);
  return {
    open: async (cluster, signal) => {
      const access = await accesses.read(cluster, signal);
      const sdk = await import("../sdk/kubernetes.ts");
      const connect = connectTo(sdk, access, {
        token: (signal) => tokenOf(options, signal),
        onStale: () => accesses.forget(cluster),
      });
      return createKubeClient(sdk, connect, options.namespace);
    },
  };
}

async function tokenOf({ arm }: KubeOptions, signal: AbortSignal): Promise<string> {
  const credential = await arm.credential();
  const token = await credential.getToken(AKS_SCOPE, { abortSignal: signal });
  if (token === null) throw new CallError("get a token for AKS", "transient", { text: "the identity gave none" });
  return token.token;
}

function connectTo(
  sdk: typeof Sdk,
  access: KubeAccess,
  { token, onStale }: { token: (signal: AbortSignal) => Promise<string>; onStale: () => void },
): Connect {
  const baseServer = new sdk.ServerConfiguration(access.server, {});
  return (signal) => {
    const send = async (request: Parameters<HttpLibrary["send"]>[0]): Promise<Sdk.ResponseContext> => {
      const headers = request.getHeaders();
      if (access.usesToken) headers["authorization"] = `Bearer ${await token(signal)}`;
      const body = request.getBody();
      const raw = { url: request.getUrl(), method: request.getHttpMethod(), headers };
      try {
        const sent = { ...raw, body: typeof body === "string" ? body : undefined };
        const { sendKube } = await import("./http.ts");
        const answer = await sendKube(access.agent, sent, signal);
        const decoding = new sdk.SelfDecodingBody(Promise.resolve(answer.body));
        return new sdk.ResponseContext(answer.status, { ...answer.headers }, decoding);
      } catch (error) {
        if (error instanceof KubeUnreachable && error.isStale) onStale();
        throw error;
      }
    };
    const configuration = sdk.createConfiguration({ baseServer, httpApi: sdk.wrapHttpLibrary({ send }) });
    return { core: new sdk.CoreV1Api(configuration), discovery: new sdk.DiscoveryV1Api(configuration) };
  };
}

function createKubeClient(sdk: typeof Sdk, connect: Connect, namespace: string): KubeClient {
  const ours = { name: SERVICE_NAME, namespace };
  const asApply = sdk.setHeaderOptions("Content-Type", sdk.PatchStrategy.ServerSideApply);

  return {
    readService: (signal) =>
      orAbsent("read the Service", async () => toService(await connect(signal).core.readNamespacedService(ours))),

    readEndpoints: (signal) =>
      orAbsent("read the Endpoints", async () => toEndpoints(await connect(signal).core.readNamespacedEndpoints(ours))),

    listWindowsNodes: (signal) =>
      allPages("list nodes", async (page) => {
        const windows = { labelSelector: "kubernetes.io/os=windows" };
        const { items, metadata } = await connect(signal).core.listNode({ ...windows, ...page });
        return { items: items.map(toNode), metadata };
      }),

    listSlices: (signal) =>
      allPages("list EndpointSlices", async (page) => {
        const those = { namespace, labelSelector: `${SERVICE_LABEL}=${SERVICE_NAME}` };
        const { items, metadata } = await connect(signal).discovery.listNamespacedEndpointSlice({ ...those, ...page });
        return { items: items.map(toSlice), metadata };
      }),

    applyEndpoints: (wanted, signal) =>
      callingKube("apply the Endpoints", async () => {
        const body = endpointsToApply(wanted, namespace);
        await connect(signal).core.patchNamespacedEndpoints({ ...ours, body, fieldManager: MANAGER }, asApply);
      }),

    applySlice: (wanted, signal) =>
      callingKube(`apply EndpointSlice ${wanted.name}`, async () => {
        const { discovery } = connect(signal);
        const that = { name: wanted.name, namespace };
        // Another copy of the app is the same field manager: an apply without a version would overwrite its slice.
        if (wanted.resourceVersion === undefined) {
          await refuseExisting(that.name, discovery.readNamespacedEndpointSlice(that));
        }
        const those = { ...that, body: sliceToApply(wanted, namespace), fieldManager: MANAGER };
        await discovery.patchNamespacedEndpointSlice(those, asApply);
      }),

    deleteEndpoints: async (resourceVersion, signal) => {
      const that = { ...ours, ...exactly(resourceVersion) };
      await orAbsent("delete the Endpoints", () => connect(signal).core.deleteNamespacedEndpoints(that));
    },

    deleteSlice: async (name, resourceVersion, signal) => {
      const that = { name, namespace, ...exactly(resourceVersion) };
      await orAbsent(`delete EndpointSlice ${name}`, () =>
        connect(signal).discovery.deleteNamespacedEndpointSlice(that),
      );
    },
  };
}

/** A name that is to be new, and is taken, was taken since the list was read. */
async function refuseExisting(name: string, reading: Promise<unknown>): Promise<void> {
  const found = await orAbsent(`read EndpointSlice ${name}`, () => reading);
  if (found === undefined) return;
  throw new CallError(`apply EndpointSlice ${name}`, "conflict", { code: "Conflict", text: "it was made meanwhile" });
}

const exactly = (resourceVersion: string) => ({ body: { preconditions: { resourceVersion } } });

/** What is gone is as good as deleted, and reads as undefined. */
function orAbsent<T>(call: string, work: () => Promise<T>): Promise<T | undefined> {
  return unlessAbsent(call, () => callingKube(call, work));
}

/** All pages or an error: a part of a list would read as "the others are gone". */
function allPages<T>(
  call: string,
  read: (page: {
    limit: number;
    _continue?: string;
  }) => Promise<{ items: readonly T[]; metadata: V1ListMeta | undefined }>,
): Promise<readonly T[]> {
  return callingKube(call, async () => {
    const all: T[] = [];
    let next: string | undefined;
    do {
      const { items, metadata } = await read({ limit: PAGE, ...(next && { _continue: next }) });
      all.push(...items);
      next = textIn(metadata, "_continue");
    } while (next);
    return all;
  });
}
