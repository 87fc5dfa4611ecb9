import type { ChildProcess } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { gunzipSync } from "node:zlib";
import { parse } from "yaml";
import { NAMESPACE } from "../contracts/cluster-admin.ts";
import { freePorts } from "../ports.ts";
import { kubectl, type Reached } from "./kubectl.ts";
import type { ScrapeConfig } from "./overlays.ts";
import { startProgram } from "./programs.ts";

const PROMETHEUS = {
  apiVersion: "monitoring.coreos.com/v1",
  kind: "Prometheus",
  metadata: { name: "tests", namespace: NAMESPACE },
  // As kube-prometheus-stack has it.
  spec: { serviceMonitorSelector: { matchLabels: { release: "stack" } } },
};

/** A real prometheus-operator, with one Prometheus object that requires the label `release=stack`. */
export interface Operator {
  /** Returns the jobs of the configuration that the operator made; undefined before it made one. */
  scrapeConfigs(): readonly ScrapeConfig[] | undefined;
  stop(): Promise<void>;
}

/** The kinds without which the operator does not reconcile a Prometheus object. */
const NEEDED = ["prometheuses", "servicemonitors", "podmonitors", "probes", "scrapeconfigs", "prometheusrules"];

/** Returns the files with the resource definitions that the operator needs, in a folder. */
export function definitionsOf(folder: string): readonly string[] {
  return NEEDED.map((kind) => path.join(folder, `monitoring.coreos.com_${kind}.yaml`));
}

/** Creates resource definitions, and waits until the API server serves them. */
export function define(kube: Reached, files: readonly string[]): void {
  kubectl(kube, ["apply", "--server-side", ...files.map((file) => `--filename=${file}`)]);
  kubectl(kube, ["wait", "--for", "condition=Established", "crd", "--all", "--timeout", "30s"]);
}

/** Starts the operator and creates the Prometheus object. The resource definitions have to exist. */
export async function startOperator(kube: Reached, program: string): Promise<Operator> {
  kubectl(kube, ["apply", "--filename", "-"], JSON.stringify(PROMETHEUS));
  const assets = process.env["KUBEBUILDER_ASSETS"] ?? "";
  // The operator reads no kubeconfig. The proxy adds the administrator's credentials.
  const args = ["proxy", "--port", "0", "--kubeconfig", kube.kubeconfigPath ?? ""];
  const proxy = startProgram(path.join(assets, "kubectl"), args, ["ignore", "pipe", "ignore"]);
  const apiUrl = `http://${await listeningAddress(proxy.child)}`;
  const [port = 0] = await freePorts(1);
  const operator = startProgram(program, [`-apiserver=${apiUrl}`, `-web.listen-address=127.0.0.1:${port}`]);
  return {
    scrapeConfigs: () => readScrapeConfigs(kube),
    stop: async () => {
      for (const each of [operator, proxy]) await each.stop();
    },
  };
}

function readScrapeConfigs(kube: Reached): readonly ScrapeConfig[] | undefined {
  const get = ["get", "secret", "prometheus-tests", "--namespace", NAMESPACE, "--ignore-not-found"];
  const data = kubectl(kube, [...get, "--output", String.raw`jsonpath={.data.prometheus\.yaml\.gz}`]);
  if (data === "") return undefined;
  // In a pod, the config reloader fills in the number of the shard.
  const text = gunzipSync(Buffer.from(data, "base64")).toString().replaceAll("$(SHARD)", "0");
  const config = parse(text) as { readonly scrape_configs?: readonly ScrapeConfig[] };
  return config.scrape_configs ?? [];
}

async function listeningAddress(proxy: ChildProcess): Promise<string> {
  if (!proxy.stdout) throw new Error("kubectl proxy has no stdout");
  for await (const line of createInterface(proxy.stdout)) {
    const [, address] = /^Starting to serve on (\S+)$/.exec(line) ?? [];
    if (address !== undefined) return address;
  }
  throw new Error("kubectl proxy ended");
}
