import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterAdmin } from "../contracts/cluster-admin.ts";
import { kubeconfigOf, RIGHTS, type ScrapeJob, scrapeConfigOf } from "./prometheus-config.ts";

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

interface RangeSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** The times at which the value of the series is a number, in seconds since 1970. */
  readonly times: readonly number[];
}

export interface PrometheusOptions {
  /** The folder of the `prometheus` binary (`PROMETHEUS_DIR`). */
  readonly folder: string;
  readonly kube: ClusterAdmin;
  /** The proxy of all scrapes. */
  readonly proxyUrl: string;
  readonly jobs: readonly ScrapeJob[];
}

/** Starts Prometheus with its own Kubernetes user, which has only the permissions for service discovery. */
export async function startPrometheus({ folder, kube, proxyUrl, jobs }: PrometheusOptions): Promise<Prometheus> {
  for (const object of RIGHTS) await kube.apply(object);
  const home = await mkdtemp(path.join(tmpdir(), "prometheus-"));
  const kubeconfig = path.join(home, "kubeconfig");
  await writeFile(kubeconfig, kubeconfigOf(kube));
  const config = { scrape_configs: jobs.map((job) => scrapeConfigOf(job, { kubeconfig, proxyUrl })) };
  const prometheus = await runPrometheus({ folder, home, config });
  const close = async (): Promise<void> => {
    await prometheus.close();
    await rm(home, { recursive: true, force: true });
  };
  return { ...prometheus, close };
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
  const program = spawn(path.join(folder, "prometheus"), args, { stdio: ["ignore", "ignore", "pipe"] });
  const kill = (): boolean => program.kill("SIGKILL");
  // In case the test process ends without running its hooks.
  process.once("exit", kill);
  const close = async (): Promise<void> => {
    process.off("exit", kill);
    if (program.exitCode === null && program.signalCode === null) {
      kill();
      await once(program, "exit");
    }
  };
  try {
    const url = await urlOf(program);
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
        .map(({ labels, values }) => ({ labels, times: values.map(([time]) => time) }));
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
