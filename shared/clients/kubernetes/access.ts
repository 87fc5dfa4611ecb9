import type https from "node:https";
import type { ContainerServiceClient } from "@azure/arm-containerservice";
import { type ClusterId, splitId } from "../../model/ids.ts";
import type { ArmOptions } from "../arm/scale-sets.ts";
import { CallError, calling, memberOf, textIn } from "../errors.ts";
import { oncePer } from "../once-per.ts";
import { NO_ENTRA } from "./errors.ts";

const KEPT_MS = 6 * 3_600_000;

export interface KubeAccessOptions {
  readonly arm: ArmOptions;
  /** Takes the client certificate of a cluster without Entra, which is an administrator's. */
  readonly allowClusterUserCertificate: boolean;
}

/** Where a cluster's API server is, and what proves it and us. */
export interface KubeAccess {
  readonly server: string;
  readonly agent: https.Agent;
  /** Whether requests carry a token; else the connection's client certificate says who we are. */
  readonly usesToken: boolean;
}

/** Access to the clusters' API servers, read once in 6 hours. */
export interface KubeAccesses {
  read(cluster: ClusterId, signal: AbortSignal): Promise<KubeAccess>;
  /** For when the server's name or certificate turns out to be another one. */
  forget(cluster: ClusterId): void;
}

/** What a kubeconfig says; the user of an exec plugin is not looked at. */
interface Kubeconfig {
  readonly server: string;
  readonly ca: string;
  readonly isExec: boolean;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/** Asks for the users' kubeconfig, never for the administrators'. */
export function createKubeAccesses({ arm, allowClusterUserCertificate }: KubeAccessOptions): KubeAccesses {
  const clientOf = oncePer(async (subscription): Promise<ContainerServiceClient> => {
    const { ContainerServiceClient: Client } = await import("../sdk/container-service.ts");
    return new Client(await arm.credential(), subscription, arm.options);
  });
  const kept = new Map<ClusterId, { readonly access: KubeAccess; readonly until: number }>();

  return {
    read: async (cluster, signal) => {
      const known = kept.get(cluster);
      if (known && known.until > Date.now()) return known.access;
      const call = `list user credentials of ${splitId(cluster).name}`;
      const text = await calling(call, async () =>
        readKubeconfig(await clientOf(subscriptionOf(cluster)), cluster, signal),
      );
      const access = await toAccess(call, await parse(call, text), allowClusterUserCertificate);
      kept.set(cluster, { access, until: Date.now() + KEPT_MS });
      return access;
    },
    forget: (cluster) => void kept.delete(cluster),
  };
}

const subscriptionOf = (cluster: ClusterId): string => splitId(cluster).subscription;

async function readKubeconfig(aks: ContainerServiceClient, cluster: ClusterId, signal: AbortSignal): Promise<string> {
  const { resourceGroup, name } = splitId(cluster);
  const options = { format: "exec", abortSignal: signal };
  const { kubeconfigs } = await aks.managedClusters.listClusterUserCredentials(resourceGroup, name, options);
  return Buffer.from(kubeconfigs?.[0]?.value ?? []).toString("utf8");
}

/** Errors of the parser are dropped: they quote the text, and a private key may be in it. */
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
    throw new CallError(call, "bug", { text: "the kubeconfig that AKS answered is not readable" });
  }
}

async function toAccess(call: string, config: Kubeconfig, allowCertificate: boolean): Promise<KubeAccess> {
  const { ca, isExec, cert, key } = config;
  if (!URL.canParse(config.server) || ca === "") {
    throw new CallError(call, "bug", { text: "the kubeconfig that AKS answered has no server or no CA" });
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
