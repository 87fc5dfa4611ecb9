import type { ChildProcess } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterAdmin } from "../contracts/cluster-admin.ts";
import type { ScrapeConfig } from "./overlays.ts";
import { startProgram } from "./programs.ts";

export interface Target {
  readonly labels: Readonly<Record<string, string>>;
  readonly scrapeUrl: string;
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A real Prometheus, as a cluster operator runs it. */
export interface Prometheus {
  /** Returns the active targets of a job. */
  targets(job: string): Promise<readonly Target[]>;
  /** Returns the instant vector of an expression. */
  query(expression: string): Promise<readonly Sample[]>;
  /** Returns the series of an expression that have a number in a range. */
  queryRange(expression: string, range: Range): Promise<readonly RangeSeries[]>;
  readonly url: string;
  close(): Promise<void>;
}

/** Start and end in seconds since 1970. */
export interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

export interface RangeSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** The times at which the value of the series is a number, in seconds since 1970. */
  readonly times: readonly number[];
  readonly values: readonly number[];
}

export interface PrometheusOptions {
  /** The folder of the `prometheus` binary (`PROMETHEUS_DIR`). */
  readonly folder: string;
  readonly kube: ClusterAdmin;
  /** The proxy of all scrapes. */
  readonly proxyUrl: string;
  readonly jobs: readonly ScrapeConfig[];
}

/** The service account of Prometheus, which has no permission of its own, as the placeholders of the READMEs. */
export const SERVICE_ACCOUNT = { NAMESPACE: "observability", NAME: "prometheus" };

/** Starts Prometheus with the permissions of its service account only. */
export async function startPrometheus({ folder, kube, proxyUrl, jobs }: PrometheusOptions): Promise<Prometheus> {
  const home = await mkdtemp(path.join(tmpdir(), "prometheus-"));
  const kubeconfig = path.join(home, "kubeconfig");
  await writeFile(kubeconfig, await asServiceAccount(kube));
  const reached = jobs.map(({ kubernetes_sd_configs: discoveries, ...job }) => ({
    ...job,
    proxy_url: proxyUrl,
    kubernetes_sd_configs: discoveries.map((each) => ({ ...each, kubeconfig_file: kubeconfig })),
  }));
  const prometheus = await runPrometheus({ folder, home, config: { scrape_configs: reached } });
  const close = async (): Promise<void> => {
    await prometheus.close();
    await rm(home, { recursive: true, force: true });
  };
  return { ...prometheus, close };
}

/** Returns a kubeconfig with which an administrator acts as the service account. */
async function asServiceAccount({ kubeconfigPath = "" }: ClusterAdmin): Promise<string> {
  const config = JSON.parse(await readFile(kubeconfigPath, "utf8")) as { users: readonly { user: object }[] };
  const as = `system:serviceaccount:${SERVICE_ACCOUNT.NAMESPACE}:${SERVICE_ACCOUNT.NAME}`;
  return JSON.stringify({ ...config, users: config.users.map((each) => ({ ...each, user: { ...each.user, as } })) });
}

/** Runs Prometheus in a folder, which has or gets its configuration and, in `data`, its blocks. */
export async function runPrometheus(options: {
  readonly folder: string;
  readonly home: string;
  readonly config: object;
}): Promise<Prometheus> {
  const { folder, home } = options;
  const config = path.join(home, "prometheus.yml");
  await writeFile(config, JSON.stringify(options.config));
  // By default it waits up to 5 s before it scrapes discovered targets, in addition to the 5 s of the discovery itself.
  const speed = "--scrape.discovery-reload-interval=100ms";
  const place = [`--storage.tsdb.path=${home}/data`, "--web.listen-address=127.0.0.1:0"];
  const args = [`--config.file=${config}`, ...place, speed];
  const { child, stop: close } = startProgram(path.join(folder, "prometheus"), args, ["ignore", "ignore", "pipe"]);
  try {
    const url = await urlOf(child);
    // It listens before it has read its blocks, and answers 503 until then.
    while (!(await fetch(`${url}/-/ready`)).ok) await sleep(50);
    return { ...apiOf(url), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function apiOf(url: string): Omit<Prometheus, "close"> {
  const read = async (resource: string, parameters: Record<string, string>): Promise<unknown> => {
    const answer = await fetch(`${url}/api/v1/${resource}?${new URLSearchParams(parameters).toString()}`);
    if (!answer.ok) throw new Error(`${resource}: ${await answer.text()}`);
    return answer.json();
  };
  return {
    url,
    targets: async (scrapePool) => {
      const { data } = (await read("targets", { state: "active", scrapePool })) as Answer<{ activeTargets: Target[] }>;
      return data.activeTargets;
    },
    query: async (query) => {
      const { data } = (await read("query", { query })) as Answer<{ result: Vector }>;
      return data.result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }));
    },
    queryRange: async (query, { start, end, step }) => {
      const range = { start: String(start), end: String(end), step: String(step) };
      const { data } = (await read("query_range", { query, ...range })) as Answer<{ result: Matrix }>;
      const isNumber = ([, value]: Matrix[number]["values"][number]): boolean => value !== "NaN";
      const series = data.result.map(({ metric, values }) => ({ labels: metric, values: values.filter(isNumber) }));
      return series
        .filter(({ values }) => values.length > 0)
        .map(({ labels, values }) => ({
          labels,
          times: values.map(([time]) => time),
          values: values.map(([, value]) => Number(value)),
        }));
    },
  };
}

interface Answer<T> {
  readonly data: T;
}
type Vector = readonly { readonly metric: Readonly<Record<string, string>>; readonly value: [number, string] }[];
type Matrix = readonly { readonly metric: Readonly<Record<string, string>>; readonly values: [number, string][] }[];

/** Returns the URL of Prometheus from its log: it selects a free port itself. */
async function urlOf(program: ChildProcess): Promise<string> {
  if (!program.stderr) throw new Error("Prometheus has no stderr");
  const lines = createInterface(program.stderr);
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    lines.on("line", (line) => {
      said.push(line);
      if (said.length > 20) said.shift();
      const [, address] = /msg="Listening on" .*address=(\S+)/.exec(line) ?? [];
      if (address !== undefined) resolve(`http://${address}`);
    });
    lines.once("close", () => reject(new Error(`Prometheus ended:\n${said.join("\n")}`)));
  });
}
