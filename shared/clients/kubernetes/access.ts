import type { ContainerServiceClient } from "@azure/arm-containerservice";
import type { Dispatcher } from "undici";
import * as v from "valibot";
import { type ClusterId, splitId } from "../../model/ids.ts";
import { object, orNull, text } from "../../model/schema.ts";
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
interface KubeAccess {
  readonly server: string;
  readonly agent: Dispatcher;
  /** Whether requests carry a bearer token. If not, the client certificate of the connection authenticates the app. */
  readonly usesToken: boolean;
}

/** A cache of the access to each cluster's API server. Entries expire after 6 hours. */
export interface KubeAccessCache {
  read(cluster: ClusterId, signal: AbortSignal): Promise<KubeAccess>;
  /** Removes a cluster's entry, because the name or the CA of its API server may have changed. */
  forget(cluster: ClusterId): void;
}

const url = v.pipe(
  text,
  v.check((server) => URL.canParse(server)),
);
const base64 = v.pipe(
  text,
  v.transform((encoded) => Buffer.from(encoded, "base64").toString("utf8")),
);
/** The schema of what the app reads from a kubeconfig. It does not run an exec plugin. */
const kubeconfig = v.pipe(
  object({
    clusters: v.looseTuple([object({ cluster: object({ server: url, "certificate-authority-data": base64 }) })]),
    users: v.looseTuple([
      object({
        user: object({
          exec: orNull(v.unknown()),
          "client-certificate-data": orNull(base64),
          "client-key-data": orNull(base64),
        }),
      }),
    ]),
  }),
  v.transform(({ clusters: [{ cluster }], users: [{ user }] }) => ({
    server: cluster.server,
    ca: cluster["certificate-authority-data"],
    isExec: user.exec !== undefined,
    cert: user["client-certificate-data"],
    key: user["client-key-data"],
  })),
);
type Kubeconfig = v.InferOutput<typeof kubeconfig>;

const credentials = object({
  kubeconfigs: v.looseTuple([object({ value: v.instance(Uint8Array, "a text") })], "a list"),
});

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
      const config = await runCall(call, async () =>
        parseKubeconfig(await readKubeconfig(await clientOf(subscriptionOf(cluster)), cluster, signal)),
      );
      const access = await toAccess(call, config, allowClusterUserCertificate);
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
  const response = await aks.managedClusters.listClusterUserCredentials(resourceGroup, name, options);
  const [first] = parseSecret(credentials, response, "a response").kubeconfigs;
  return Buffer.from(first.value).toString("utf8");
}

async function parseKubeconfig(yaml: string): Promise<Kubeconfig> {
  const { loadYaml } = await import("../sdk/kubernetes.ts");
  let config: unknown;
  try {
    config = loadYaml(yaml);
  } catch {
    // The parser's error quotes the text, which may contain a private key.
    throw new TypeError("AKS returned a kubeconfig that is not YAML.");
  }
  return parseSecret(kubeconfig, config, "a kubeconfig");
}

/** Does the same as `parseResponse`, but quotes no value. */
function parseSecret<T extends v.GenericSchema>(schema: T, secret: unknown, what: string): v.InferOutput<T> {
  const result = v.safeParse(schema, secret);
  if (result.success) return result.output;
  const fields = result.issues.map((issue) => v.getDotPath(issue) ?? "all");
  throw new TypeError(`AKS returned ${what} with missing or invalid fields: ${fields.join(", ")}.`);
}

async function toAccess(call: string, config: Kubeconfig, allowCertificate: boolean): Promise<KubeAccess> {
  const { ca, isExec, cert, key } = config;
  const server = config.server.replace(/\/+$/, "");
  const { createKubeAgent } = await import("./agent.ts");
  if (isExec) return { server, agent: createKubeAgent({ ca }), usesToken: true };
  if (!allowCertificate || cert === undefined || key === undefined) {
    throw new CallError(call, "denied", {
      code: "NoEntra",
      text: NO_ENTRA,
    });
  }
  return { server, agent: createKubeAgent({ ca, cert, key }), usesToken: false };
}
