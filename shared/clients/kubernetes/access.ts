import type https from "node:https";
import type { ContainerServiceClient } from "@azure/arm-containerservice";
import { type ClusterId, splitId } from "../../model/ids.ts";
import { memberOf, textIn } from "../../model/json.ts";
import type { ArmOptions } from "../arm/scale-sets.ts";
import { CallError, runCall } from "../errors.ts";
import { oncePer } from "../once-per.ts";
import { NO_ENTRA } from "./errors.ts";

const CACHE_MS = 6 * 3_600_000;

export interface KubeAccessOptions {
  readonly arm: ArmOptions;
  /**
   * Whether to use the client certificate of a cluster without Entra integration, which grants administrator access.
   */
  readonly allowClusterUserCertificate: boolean;
}

/** The address of a cluster's API server, and what the two sides authenticate with. */
export interface KubeAccess {
  readonly server: string;
  readonly agent: https.Agent;
  /** Whether requests carry a bearer token. If not, the client certificate of the connection authenticates the app. */
  readonly usesToken: boolean;
}

/** A cache of the access to each cluster's API server. Entries expire after 6 hours. */
export interface KubeAccessCache {
  read(cluster: ClusterId, signal: AbortSignal): Promise<KubeAccess>;
  /** Removes a cluster's entry, because the name or the CA of its API server may have changed. */
  forget(cluster: ClusterId): void;
}

/** What the app reads from a kubeconfig. It does not run an exec plugin. */
interface Kubeconfig {
  readonly server: string;
  readonly ca: string;
  readonly isExec: boolean;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/** Creates the cache. It reads the kubeconfig for cluster users, never the one for administrators. */
export function createKubeAccessCache({ arm, allowClusterUserCertificate }: KubeAccessOptions): KubeAccessCache {
  const clientOf = oncePer(async (subscription): Promise<ContainerServiceClient> => {
    const { ContainerServiceClient: Client } = await import("../sdk/container-service.ts");
    return new Client(await arm.credential(), subscription, arm.options);
  });
  const cache = new Map<ClusterId, { readonly access: KubeAccess; readonly expiresAt: number }>();

  return {
    read: async (cluster, signal) => {
      const known = cache.get(cluster);
      if (known && known.expiresAt > Date.now()) return known.access;
      const call = `list user credentials of ${splitId(cluster).name}`;
      const text = await runCall(call, async () =>
        readKubeconfig(await clientOf(subscriptionOf(cluster)), cluster, signal),
      );
      const access = await toAccess(call, await parse(call, text), allowClusterUserCertificate);
      cache.set(cluster, { access, expiresAt: Date.now() + CACHE_MS });
      return access;
    },
    forget: (cluster) => void cache.delete(cluster),
  };
}

const subscriptionOf = (cluster: ClusterId): string => splitId(cluster).subscription;

async function readKubeconfig(aks: ContainerServiceClient, cluster: ClusterId, signal: AbortSignal): Promise<string> {
  const { resourceGroup, name } = splitId(cluster);
  const options = { format: "exec", abortSignal: signal };
  const { kubeconfigs } = await aks.managedClusters.listClusterUserCredentials(resourceGroup, name, options);
  return Buffer.from(kubeconfigs?.[0]?.value ?? []).toString("utf8");
}

/** Parses a kubeconfig. Drops the parser's errors: they quote the text, which may contain a private key. */
async function parse(call: string, text: string): Promise<Kubeconfig> {
  const { loadYaml } = await import("../sdk/kubernetes.ts");
  try {
    const config: unknown = loadYaml(text);
    const cluster = memberOf(firstOf(config, "clusters"), "cluster");
    const user = memberOf(firstOf(config, "users"), "user");
    return {
      server: textIn(cluster, "server") ?? "",
      ca: decode(textIn(cluster, "certificate-authority-data")) ?? "",
      isExec: memberOf(user, "exec") !== undefined,
      cert: decode(textIn(user, "client-certificate-data")),
      key: decode(textIn(user, "client-key-data")),
    };
  } catch {
    throw new CallError(call, "bug", { text: "AKS returned a kubeconfig that cannot be parsed." });
  }
}

async function toAccess(call: string, config: Kubeconfig, allowCertificate: boolean): Promise<KubeAccess> {
  const { ca, isExec, cert, key } = config;
  if (!URL.canParse(config.server) || ca === "") {
    throw new CallError(call, "bug", {
      text: "AKS returned a kubeconfig without a valid server URL or without a CA certificate.",
    });
  }
  const server = config.server.replace(/\/+$/, "");
  const { createKubeAgent } = await import("./http.ts");
  if (isExec) return { server, agent: createKubeAgent({ ca }), usesToken: true };
  if (!allowCertificate || cert === undefined || key === undefined) {
    throw new CallError(call, "denied", {
      code: "NoEntra",
      text: NO_ENTRA,
    });
  }
  return { server, agent: createKubeAgent({ ca, cert, key }), usesToken: false };
}

function firstOf(value: unknown, key: string): unknown {
  const list = memberOf(value, key);
  return Array.isArray(list) ? list[0] : undefined;
}

function decode(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, "base64").toString("utf8");
}
