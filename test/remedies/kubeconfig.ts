import { mkdirSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { AKS_AUDIENCE } from "../entra-user.ts";
import { type AzCall, AzError, one } from "./az-command.ts";

const FILE = "your kubeconfig file";

interface Named {
  readonly name: string;
  readonly [field: string]: unknown;
}

interface Kubeconfig {
  readonly clusters: readonly Named[];
  readonly users: readonly Named[];
  readonly contexts: readonly Named[];
  readonly [field: string]: unknown;
}

/** Merges the credentials of the cluster into a kubeconfig, as the current context; its user is signed in already. */
export async function mergeCredentials(call: AzCall): Promise<void> {
  const { cluster, kube } = call.world;
  const { name } = cluster;
  if (one(call, "name") !== name || one(call, "resource-group") !== cluster.resourceGroup) {
    throw new AzError(`(ResourceNotFound) The Resource 'managedClusters/${one(call, "name")}' was not found.`);
  }
  const user = `clusterUser_${cluster.resourceGroup}_${name}`;
  const server = { server: kube.url, "certificate-authority-data": Buffer.from(kube.caPem).toString("base64") };
  const added: Kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: server }],
    users: [{ name: user, user: credentialOf(call) }],
    contexts: [{ name, context: { cluster: name, user } }],
    "current-context": name,
  };
  const file = resolve(call.folder, one(call, "file") || join(call.home, ".kube", "config"));
  const old = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Kubeconfig) : added;
  const replaces = call.options.has("overwrite-existing");
  const merged = {
    ...added,
    clusters: merge(old.clusters, added.clusters, replaces),
    users: merge(old.users, added.users, replaces),
    contexts: merge(old.contexts, added.contexts, replaces),
  };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(merged), { mode: 0o600 });
}

/** The administrator of a real control plane has a kubeconfig; the simulator knows users of Entra ID. */
function credentialOf({ world }: AzCall): unknown {
  const { kubeconfigPath } = world.kube;
  if (kubeconfigPath === undefined) return { token: world.operatorToken(AKS_AUDIENCE) };
  const { users } = JSON.parse(readFileSync(kubeconfigPath, "utf8")) as Kubeconfig;
  return users[0]?.["user"];
}

function merge(old: readonly Named[], added: readonly Named[], replaces: boolean): readonly Named[] {
  const other = added.find((each) => old.some((one) => one.name === each.name && !isDeepStrictEqual(one, each)));
  if (other && !replaces) throw new AzError(`A different object named ${other.name} already exists in ${FILE}.`);
  return [...old.filter((one) => added.every(({ name }) => name !== one.name)), ...added];
}
