import type { ClusterId } from "../../model/ids.ts";
import { textIn } from "../../model/json.ts";
import { SERVICE_NAME } from "../../model/slice.ts";
import { CallError, ignoreNotFound } from "../errors.ts";
import { parseResponse } from "../parse-response.ts";
import { createKubeAccessCache, type KubeAccessOptions } from "./access.ts";
import type { Apis, AS_APPLY } from "./apis.ts";
import { endpointsToApply, sliceToApply } from "./apply.ts";
import { runKubeCall } from "./errors.ts";
import { applyAsOwner } from "./hand-over.ts";
import { reduceNodePage } from "./node-page.ts";
import { byReadability, toEndpoints, toNode, toService, toSlice } from "./objects.ts";
import type { KubeClient } from "./port.ts";
import * as schemas from "./schemas.ts";

/** The token scope of the AKS server application in Entra, which has the same ID in every tenant. */
const AKS_SCOPE = "6dae42f8-4368-4678-94ff-3960e28e3630/.default";
/** Nodes of a page: a kubelet reports up to 50 images each, so that one Node object can have 50 KB. */
const PAGE_SIZE = 100;

export interface KubeOptions extends KubeAccessOptions {
  /** The namespace of the Service. */
  readonly namespace: string;
}

/** Opens clients of the clusters' API servers. Each client is for one pass. */
export interface KubeClients {
  open(cluster: ClusterId, signal: AbortSignal): Promise<KubeClient>;
}

type Connect = (signal: AbortSignal, reduce?: (body: string) => string) => Apis;

/** Creates the clients. Create them once per worker, because they cache addresses and connections. */
export function createKubeClients(options: KubeOptions): KubeClients {
  const accessCache = createKubeAccessCache(options);
  return {
    open: async (cluster, signal) => {
      const { server, agent, usesToken } = await accessCache.read(cluster, signal);
      const { createApis, AS_APPLY } = await import("./apis.ts");
      const connection = {
        agent,
        token: usesToken ? (signal: AbortSignal) => tokenOf(options, signal) : undefined,
        onStaleAccess: () => accessCache.forget(cluster),
      };
      const connect: Connect = (signal, reduce = (body) => body) => createApis(server, connection, { signal, reduce });
      return createKubeClient(connect, { namespace: options.namespace, asApply: AS_APPLY });
    },
  };
}

async function tokenOf({ arm }: KubeOptions, signal: AbortSignal): Promise<string> {
  const credential = await arm.credential();
  const token = await credential.getToken(AKS_SCOPE, { abortSignal: signal });
  if (token === null) {
    throw new CallError("get a token for AKS", "transient", { text: "The credential returned no token." });
  }
  return token.token;
}

function createKubeClient(
  connect: Connect,
  { namespace, asApply }: { readonly namespace: string; readonly asApply: typeof AS_APPLY },
): KubeClient {
  const key = { name: SERVICE_NAME, namespace };

  return {
    readService: (signal) =>
      ifFound("read the Service", async () => toService(await connect(signal).core.readNamespacedService(key))),

    readEndpoints: (signal) =>
      ifFound("read the Endpoints", async () => toEndpoints(await connect(signal).core.readNamespacedEndpoints(key))),

    listWindowsNodes: async (signal) => {
      const query = { labelSelector: "kubernetes.io/os=windows" };
      const read = (page: Page) => connect(signal, reduceNodePage).core.listNode({ ...query, ...page });
      return byReadability(await allPages("list nodes", read, toNode));
    },

    listSlices: (signal) => {
      const query = { namespace, labelSelector: `${schemas.SERVICE_LABEL}=${SERVICE_NAME}` };
      const read = (page: Page) => connect(signal).discovery.listNamespacedEndpointSlice({ ...query, ...page });
      return allPages("list EndpointSlices", read, toSlice);
    },

    applyEndpoints: (desired, signal) =>
      runKubeCall("apply the Endpoints", async () => {
        const { core } = connect(signal);
        const apply = (body: object, fieldManager: string) =>
          core.patchNamespacedEndpoints({ ...key, body, fieldManager }, asApply);
        await applyAsOwner(apply, endpointsToApply(desired, namespace), desired);
      }),

    applySlice: (desired, signal) =>
      runKubeCall(`apply EndpointSlice ${desired.name}`, async () => {
        const { discovery } = connect(signal);
        const sliceKey = { name: desired.name, namespace };
        // An apply without a version would overwrite a slice that another copy of this owner has created since.
        if (desired.resourceVersion === undefined) {
          await throwIfExists(sliceKey.name, discovery.readNamespacedEndpointSlice(sliceKey));
        }
        const apply = (body: object, fieldManager: string) =>
          discovery.patchNamespacedEndpointSlice({ ...sliceKey, body, fieldManager }, asApply);
        await applyAsOwner(apply, sliceToApply(desired, namespace), desired);
      }),

    deleteEndpoints: async (resourceVersion, signal) => {
      const request = { ...key, ...onlyVersion(resourceVersion) };
      await ifFound("delete the Endpoints", () => connect(signal).core.deleteNamespacedEndpoints(request));
    },

    deleteSlice: async (name, resourceVersion, signal) => {
      const request = { name, namespace, ...onlyVersion(resourceVersion) };
      await ifFound(`delete EndpointSlice ${name}`, () =>
        connect(signal).discovery.deleteNamespacedEndpointSlice(request),
      );
    },
  };
}

/** Throws a conflict if a slice exists that the list of slices, read before, did not contain. */
async function throwIfExists(name: string, reading: Promise<unknown>): Promise<void> {
  const found = await ifFound(`read EndpointSlice ${name}`, () => reading);
  if (found === undefined) return;
  throw new CallError(`apply EndpointSlice ${name}`, "conflict", {
    code: "Conflict",
    text: "The slice exists, but was not in the list of slices that the app read before.",
  });
}

/** Returns the precondition that makes a delete fail if the object has changed. */
const onlyVersion = (resourceVersion: string) => ({ body: { preconditions: { resourceVersion } } });

/** Does the same as `runKubeCall`, but returns undefined if the object does not exist. */
function ifFound<T>(call: string, work: () => Promise<T>): Promise<T | undefined> {
  return ignoreNotFound(call, () => runKubeCall(call, work));
}

interface Page {
  readonly limit: number;
  readonly _continue?: string;
}

/** Returns the items of all pages, or throws: the app would treat objects missing from a partial list as deleted. */
function allPages<T>(
  call: string,
  read: (page: Page) => Promise<unknown>,
  convert: (item: unknown) => T,
): Promise<readonly T[]> {
  return runKubeCall(call, async () => {
    const all: T[] = [];
    let next: string | undefined;
    do {
      const answer = await read({ limit: PAGE_SIZE, ...(next && { _continue: next }) });
      const { items, metadata } = parseResponse(schemas.page, answer, "list");
      all.push(...items.map(convert));
      next = textIn(metadata, "_continue");
    } while (next);
    return all;
  });
}
