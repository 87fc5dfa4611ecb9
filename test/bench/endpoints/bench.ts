import { type ChildProcess, spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { makeCertificate } from "../../certificates.ts";
import { APP_OID, inParallel } from "../../contracts/kube-fixture.ts";
import { readManifests } from "../../manifests.ts";
import { freePorts } from "../../ports.ts";
import { type ControlPlane, startControlPlane } from "../../real/control-plane.ts";
import { median } from "../times.ts";
import { POLICY, readCycles } from "./audit.ts";
import { type Forwarder, startForwarder } from "./forwarder.ts";
import { kubeletNode } from "./kubelet-node.ts";
import { type Usage, usageOf } from "./usage.ts";

const NODES = 5000;
const WINDOW_MS = 60_000;

/** One of the two programs, and how it reaches the API server. */
interface Runner {
  readonly name: string;
  readonly user: string;
  readonly program: ChildProcess;
  readonly forwarder: Forwarder;
  /** The memory before the first pass. */
  readonly idleMib: number;
}

/**
 * Compares the endpoints flow with prometheus-operator, which publishes kubelets, on a real API server with 5,000 Windows
 * nodes at rest: both run in the same minute. Needs Linux, KUBEBUILDER_ASSETS and PROMETHEUS_OPERATOR.
 */
export async function benchEndpoints(): Promise<readonly string[]> {
  const { KUBEBUILDER_ASSETS: assets, PROMETHEUS_OPERATOR: operator } = process.env;
  if (!assets || !operator) return ["expected KUBEBUILDER_ASSETS and PROMETHEUS_OPERATOR, of which one is not set"];
  const folder = mkdtempSync(join(tmpdir(), "bench-endpoints-"));
  const certificate = await makeCertificate();
  const inFolder = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const files = { cert: inFolder("client.crt", certificate.cert), key: inFolder("client.key", certificate.key) };
  const log = join(folder, "audit.log");
  const audit = [`--audit-policy-file=${inFolder("policy.json", JSON.stringify(POLICY))}`, `--audit-log-path=${log}`];
  // As by default: the control plane of the tests reads each page from etcd.
  const snapshots = "--feature-gates=ListFromCacheSnapshot=true";
  const apiServer = [...audit, `--client-ca-file=${files.cert}`, snapshots];
  const plane = await startControlPlane({ assets, manifests: readManifests(APP_OID), apiServer });
  const runners: Runner[] = [];
  try {
    const nodes = Array.from({ length: NODES }, (_, index) => kubeletNode(index));
    await inParallel(nodes, (node) => plane.putNode(node));
    const user = new X509Certificate(certificate.cert).subject.replace(/^CN=/, "");
    await plane.apply(adminBinding(user));
    const ca = inFolder("ca.crt", plane.caPem);
    runners.push(await startOurs(plane, folder));
    runners.push(await startOperator(plane, { operator, user, ca, ...files }));
    const bytes = JSON.stringify(await plane.get("Node", nodes[0]?.metadata.name ?? "")).length;
    const rows = await measure(runners, log);
    return [`${NODES} Windows nodes of ${bytes} bytes`, ...rows];
  } finally {
    for (const { program, forwarder } of runners) {
      program.kill();
      forwarder.close();
    }
    await plane.close();
    rmSync(folder, { recursive: true });
  }
}

async function startOurs(plane: ControlPlane, folder: string): Promise<Runner> {
  const forwarder = await startForwarder(Number(new URL(plane.url).port));
  const args = [await bundlePasses(folder), `https://127.0.0.1:${forwarder.port}`, plane.caPem];
  const program = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface(program.stdout)[Symbol.asyncIterator]();
  await lines.next();
  const idleMib = usageOf(program.pid ?? 0).mib;
  // The first pass writes, the second one finds nothing to do.
  await lines.next();
  await lines.next();
  return { name: "endpoints flow", user: APP_OID, program, forwarder, idleMib };
}

/** Bundles the passes as the app is bundled: Node's own compiler of TypeScript would count as idle memory. */
async function bundlePasses(folder: string): Promise<string> {
  const outfile = join(folder, "passes.mjs");
  const entryPoints = [fileURLToPath(new URL("passes.ts", import.meta.url))];
  const js = "import{createRequire as $require}from'node:module';const require=$require(import.meta.url);";
  await build({ entryPoints, outfile, bundle: true, format: "esm", platform: "node", minify: true, banner: { js } });
  return outfile;
}

async function startOperator(
  plane: ControlPlane,
  options: {
    readonly operator: string;
    readonly user: string;
    readonly ca: string;
    readonly cert: string;
    readonly key: string;
  },
): Promise<Runner> {
  const { operator, user, ca, cert, key } = options;
  const forwarder = await startForwarder(Number(new URL(plane.url).port));
  const [port = 0] = await freePorts(1);
  const access = [`-apiserver=https://127.0.0.1:${forwarder.port}`, `-ca-file=${ca}`];
  const flags = ["-kubelet-service=monitoring/kubelet", "-kubelet-selector=kubernetes.io/os=windows"];
  const args = [...access, `-cert-file=${cert}`, `-key-file=${key}`, ...flags, "-kubelet-endpointslice=true"];
  const period = ["-kubelet-sync-period=10s", `-web.listen-address=127.0.0.1:${port}`];
  const program = spawn(operator, [...args, ...period], { stdio: "ignore" });
  await once(program, "spawn");
  await sleep(1000);
  const idleMib = usageOf(program.pid ?? 0).mib;
  await sleep(25_000);
  return { name: "prometheus-operator", user, program, forwarder, idleMib };
}

/** Returns a line for each program with what one of its cycles used, on average, in the same window. */
async function measure(runners: readonly Runner[], log: string): Promise<readonly string[]> {
  const since = Date.now();
  const before = runners.map(({ program, forwarder }) => ({ ...usageOf(program.pid ?? 0), bytes: forwarder.bytes() }));
  await sleep(WINDOW_MS);
  const after = runners.map(({ program, forwarder }) => ({ ...usageOf(program.pid ?? 0), bytes: forwarder.bytes() }));
  return runners.map((runner, index) => {
    const [from, to] = [before[index], after[index]];
    if (!from || !to) return "";
    const cycles = readCycles(log, runner.user, since);
    return describe(runner, cycles, { from, to });
  });
}

function describe(
  { name, idleMib }: Runner,
  cycles: ReturnType<typeof readCycles>,
  { from, to }: Readonly<Record<"from" | "to", Usage & { readonly bytes: number }>>,
): string {
  const perCycle = (amount: number): number => amount / cycles.length;
  return [
    `${name.padEnd(20)} ${cycles.length} cycles, each`,
    `${median(cycles.map(({ requests }) => requests))} requests (${median(cycles.map(({ writes }) => writes))} writes)`,
    `${(perCycle(to.bytes - from.bytes) / 1e6).toFixed(1)} MB`,
    `${median(cycles.map(({ wallMs }) => wallMs))} ms`,
    `${Math.round(perCycle(to.cpuMs - from.cpuMs))} ms of CPU`,
    `memory ${Math.round(idleMib)} MiB idle, ${Math.round(to.peakMib)} MiB peak`,
  ].join(", ");
}

function adminBinding(user: string) {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "bench-operator" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: user }],
  };
}
