import { generateKeyPairSync } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ClusterAdmin, type KubeObject, NAMESPACE } from "../contracts/cluster-admin.ts";
import { freePorts } from "../ports.ts";
import { createKubeAdmin, type KubeAdmin } from "./kube-admin.ts";
import { type Program, startProgram } from "./programs.ts";
import { startTokenReviews } from "./token-reviews.ts";

const ADMIN_TOKEN = "admin-of-the-tests";

/** A real Kubernetes control plane, from a folder with its binaries (`KUBEBUILDER_ASSETS`). */
export interface ControlPlane extends ClusterAdmin {
  /** The path of an administrator's kubeconfig, for Prometheus and kubectl. */
  readonly kubeconfigPath: string;
  /** Kills the API server and starts it again; it accepts connections a moment later. */
  restartApiServer(): Promise<void>;
}

export interface ControlPlaneOptions {
  /** The folder of etcd, kube-apiserver and, for garbage collection and mirroring, kube-controller-manager. */
  readonly assets: string;
  readonly manifests: readonly KubeObject[];
  /** The current time, for the expiry of tokens. */
  readonly now?: () => number;
  /** More arguments of the API server. */
  readonly apiServer?: readonly string[];
}

/** Starts etcd, the API server and its controllers on free ports. As in AKS, Entra tokens identify the users. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { assets, manifests, now = Date.now, apiServer: more = [] } = options;
  const folder = await mkdtemp(path.join(tmpdir(), "control-plane-"));
  const reviews = await startTokenReviews(now);
  const [etcd = 0, peer = 0, api = 0, controllers = 0] = await freePorts(4);
  const ports = { etcd, peer, api, controllers };
  const programs: Program[] = [];
  const close = async (): Promise<void> => {
    for (const program of programs.toReversed()) await program.stop();
    await reviews.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await writeInputs(folder, { reviewsUrl: reviews.url });
    programs.push(run(assets, "etcd", etcdArguments(folder, ports)));
    const start = () => run(assets, "kube-apiserver", [...apiServerArguments(folder, ports), ...more]);
    let apiServer = start();
    programs.push(apiServer);
    const restartApiServer = async (): Promise<void> => {
      await apiServer.stop();
      apiServer = start();
      programs.push(apiServer);
    };
    const url = `https://127.0.0.1:${ports.api}`;
    const caPem = await untilReady(() => readFile(path.join(folder, "certs", "apiserver.crt"), "utf8"));
    const admin = createKubeAdmin({ url, caPem, token: ADMIN_TOKEN, etcdUrl: `http://127.0.0.1:${ports.etcd}` });
    await untilReady(() => admin.ready());
    const kubeconfigPath = path.join(folder, "kubeconfig");
    await writeFile(kubeconfigPath, kubeconfigOf(url, caPem));
    const hasControllers = existsSync(path.join(assets, "kube-controller-manager"));
    if (hasControllers) {
      const args = controllerArguments(folder, { kubeconfigPath, port: ports.controllers });
      programs.push(run(assets, "kube-controller-manager", args));
    }
    await prepare(admin, manifests);
    return { ...admin, kubeconfigPath, hasControllers, restartApiServer, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function prepare(admin: KubeAdmin, manifests: readonly KubeObject[]): Promise<void> {
  await admin.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  for (const object of manifests) await admin.apply(object);
}

async function writeInputs(folder: string, { reviewsUrl }: { reviewsUrl: string }): Promise<void> {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  await writeFile(path.join(folder, "sa.key"), privateKey.export({ type: "pkcs1", format: "pem" }));
  await writeFile(path.join(folder, "tokens.csv"), `${ADMIN_TOKEN},admin,1,"system:masters"\n`);
  const webhook = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "reviews", cluster: { server: reviewsUrl } }],
    contexts: [{ name: "reviews", context: { cluster: "reviews", user: "" } }],
    "current-context": "reviews",
  };
  await writeFile(path.join(folder, "webhook.json"), JSON.stringify(webhook));
}

interface Ports {
  readonly etcd: number;
  readonly peer: number;
  readonly api: number;
}

function etcdArguments(folder: string, { etcd, peer }: Ports): readonly string[] {
  const url = `http://127.0.0.1:${etcd}`;
  return [
    `--data-dir=${path.join(folder, "etcd")}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=http://127.0.0.1:${peer}`,
    "--unsafe-no-fsync",
    "--log-level=error",
  ];
}

function apiServerArguments(folder: string, { etcd, api }: Ports): readonly string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcd}`,
    `--cert-dir=${path.join(folder, "certs")}`,
    `--secure-port=${api}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    `--token-auth-file=${path.join(folder, "tokens.csv")}`,
    `--authentication-token-webhook-config-file=${path.join(folder, "webhook.json")}`,
    "--authentication-token-webhook-version=v1",
    "--authorization-mode=RBAC",
    "--allow-privileged",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${path.join(folder, "sa.key")}`,
    `--service-account-signing-key-file=${path.join(folder, "sa.key")}`,
    "--service-cluster-ip-range=10.0.0.0/16",
    "--disable-admission-plugins=ServiceAccount",
    "--endpoint-reconciler-type=none",
    // Paged lists continue from etcd instead of the server's snapshots, so that a test can expire them.
    "--feature-gates=ListFromCacheSnapshot=false",
  ];
}

function controllerArguments(
  folder: string,
  { kubeconfigPath, port }: { kubeconfigPath: string; port: number },
): string[] {
  return [
    ...["kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig"].map(
      (name) => `--${name}=${kubeconfigPath}`,
    ),
    "--controllers=endpoints-controller,endpointslice-controller,endpointslice-mirroring-controller,garbage-collector-controller",
    "--leader-elect=false",
    `--cert-dir=${path.join(folder, "controller-certs")}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${port}`,
  ];
}

function kubeconfigOf(url: string, caPem: string): string {
  const ca = Buffer.from(caPem).toString("base64");
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "tests", cluster: { server: url, "certificate-authority-data": ca } }],
    users: [{ name: "admin", user: { token: ADMIN_TOKEN } }],
    contexts: [{ name: "tests", context: { cluster: "tests", user: "admin" } }],
    "current-context": "tests",
  });
}

function run(assets: string, name: string, args: readonly string[]): Program {
  return startProgram(path.join(assets, name), args);
}

async function untilReady<T>(attempt: () => Promise<T>): Promise<T> {
  const until = performance.now() + 60_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > until) throw error;
      await sleep(100);
    }
  }
}
