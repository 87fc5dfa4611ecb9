import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { KubeObject } from "../../contracts/cluster-admin.ts";
import { kubectl, type Reached } from "../../real/kubectl.ts";
import { plainScrapeConfig } from "../../real/overlays.ts";
import type { Labels } from "../../simulators/exporter-labels.ts";

const run = promisify(execFile);
/** promtool waits for so long, and returns what it has found by then. */
const SECONDS = [2, 8, 30];
const STATE_LABEL = "state";
const NAMESPACE_LABEL = "__meta_kubernetes_namespace";

/** The address and the labels of a target. */
export interface Target {
  readonly address: string;
  readonly labels: Labels;
}

/**
 * Returns the targets that Prometheus has while each set of objects is published, with the shipped
 * configuration. Prometheus collects changes for seconds before it applies them, and a story has many of them. So each set
 * gets a namespace of its own on the real API server, and one run of the discovery finds the targets of all.
 */
export async function discoverTargets(
  kube: Reached,
  published: readonly (readonly KubeObject[])[],
): Promise<readonly (readonly Target[])[]> {
  const items = published.flatMap((objects, index) => copiesIn(namespaceOf(index), objects));
  const input = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  kubectl(kube, ["create", "--filename", "-"], input);
  const found = await discover(configOf(kube.kubeconfigPath ?? ""), published.flat().flatMap(endpointsIn).length);
  const targets = found.map(({ labels }) => labels);
  return published.map((_, index) =>
    targets.filter((labels) => labels[STATE_LABEL] === namespaceOf(index)).map(targetOf),
  );
}

const namespaceOf = (index: number): string => `state-${index}`;
const isInState = (labels: Labels): boolean => labels[NAMESPACE_LABEL]?.startsWith("state-") === true;
const endpointsIn = ({ endpoints }: KubeObject): readonly unknown[] => (Array.isArray(endpoints) ? endpoints : []);

function copiesIn(namespace: string, objects: readonly KubeObject[]): readonly object[] {
  const copies = objects.map(({ metadata: { name, labels, annotations }, ...content }) => {
    return { ...content, metadata: { name, namespace, labels, annotations } };
  });
  return [{ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }, ...copies];
}

/** The job of the overlay plain-prometheus in every namespace, which becomes a label. */
function configOf(kubeconfig: string): object {
  const job = plainScrapeConfig("endpointslice");
  return {
    ...job,
    kubernetes_sd_configs: job.kubernetes_sd_configs.map(({ role }) => ({ role, kubeconfig_file: kubeconfig })),
    relabel_configs: [...job.relabel_configs, { source_labels: [NAMESPACE_LABEL], target_label: STATE_LABEL }],
  };
}

interface Discovered {
  readonly discoveredLabels: Labels;
  /** After the relabelling; empty if it drops the target. */
  readonly labels: Labels;
}

/** Runs the discovery until it has found as many endpoints as there are, whether or not the relabelling drops them. */
async function discover(config: object, endpoints: number): Promise<readonly Discovered[]> {
  const home = await mkdtemp(path.join(tmpdir(), "discovery-"));
  try {
    const file = path.join(home, "prometheus.yml");
    await writeFile(file, JSON.stringify({ scrape_configs: [config] }));
    for (const seconds of SECONDS) {
      const found = await checkDiscovery(file, seconds);
      if (found.filter(({ discoveredLabels }) => isInState(discoveredLabels)).length === endpoints) return found;
    }
    throw new Error(`Prometheus did not find the ${endpoints} endpoints within ${SECONDS.at(-1)} s`);
  } finally {
    await rm(home, { recursive: true });
  }
}

async function checkDiscovery(file: string, seconds: number): Promise<readonly Discovered[]> {
  const promtool = path.join(process.env["PROMETHEUS_DIR"] ?? "", "promtool");
  const args = ["check", "service-discovery", `--timeout=${seconds}s`, file, "windows-exporter"];
  const { stdout } = await run(promtool, args, { maxBuffer: 2 ** 28 });
  return JSON.parse(stdout) as Discovered[];
}

function targetOf(labels: Labels): Target {
  const { __address__: address = "", [STATE_LABEL]: _, ...rest } = labels;
  const own = Object.entries(rest).filter(([name]) => !name.startsWith("__"));
  return { address: address.replace(/:\d+$/, ""), labels: Object.fromEntries(own) };
}
