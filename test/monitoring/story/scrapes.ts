import { Agent, get, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import type { KubeObject } from "../../contracts/cluster-admin.ts";
import type { FunctionsHost } from "../../simulators/host/functions-host.ts";
import type { World } from "../../world.ts";
import { rules } from "../rule-files.ts";
import { kubeStateSamples } from "./kube-state.ts";

export const SERVICE = "windows-exporter";
const MINUTE_MS = 60_000;
const SERVICE_LABEL = "kubernetes.io/service-name";

/** Values by series, as `up{job="x"}`. */
export type Samples = ReadonlyMap<string, number>;

/** What there was to scrape at a full minute of a story. */
export interface Minute {
  /** The Service of the exporters, if it is there, and its slices. */
  readonly published: readonly KubeObject[];
  readonly kubeState: Samples;
  /** The app's answer, if it answers. */
  readonly app: Samples | undefined;
  /** The answers of the exporters that answer, by address. */
  readonly exporters: ReadonlyMap<string, Samples>;
}

/** The metrics that rules read; others would only cost time. */
const READ = new Set(rules.flatMap(({ expr }) => expr.match(/\b(windows|aks_windows_metrics)_\w+/g) ?? []));
const agent = new Agent({ keepAlive: true, maxSockets: 4 });

/** A running world, and what there was to scrape in each minute that it has lived through. */
export class ScrapedStory {
  readonly world: World;
  readonly host: FunctionsHost;
  /** In milliseconds since 1970. */
  readonly start: number;
  readonly minutes: Minute[] = [];

  constructor(world: World, host: FunctionsHost) {
    [this.world, this.host] = [world, host];
    this.start = world.clock.now();
  }

  async live(minutes: number): Promise<void> {
    const { clock } = this.world;
    for (let count = 0; count < minutes; count++) {
      await clock.advance(this.start + this.minutes.length * MINUTE_MS - clock.now());
      this.minutes.push(await this.#scrape());
    }
  }

  async #scrape(): Promise<Minute> {
    const { kube } = this.world;
    const [service, slices, nodes] = await Promise.all([
      kube.get("Service", SERVICE),
      kube.list("EndpointSlice"),
      kube.list("Node"),
    ]);
    const own = slices.filter(({ metadata }) => metadata.labels?.[SERVICE_LABEL] === SERVICE);
    return {
      published: [...(service ? [service] : []), ...own],
      kubeState: kubeStateSamples(nodes),
      app: await this.#app(),
      exporters: await this.#exporters(own),
    };
  }

  async #app(): Promise<Samples | undefined> {
    const headers = { "x-functions-key": this.host.functionKeys["metrics"] ?? "" };
    const answer = await fetch(`${this.host.url}/api/metrics?cluster=${this.world.cluster.name}`, { headers });
    return answer.ok ? samplesIn(await answer.text()) : undefined;
  }

  async #exporters(slices: readonly KubeObject[]): Promise<Minute["exporters"]> {
    const addresses = new Set(JSON.stringify(slices).match(/\b\d+(\.\d+){3}\b/g));
    const answers = await Promise.all([...addresses].map(async (each) => [each, await this.#exporter(each)] as const));
    return new Map(answers.flatMap(([address, samples]) => (samples ? [[address, samples] as const] : [])));
  }

  async #exporter(address: string): Promise<Samples | undefined> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(this.world.fleet.proxyUrl, { agent, path: `http://${address}:9182/metrics` }, resolve).on("error", reject);
    });
    const answer = await text(response);
    return response.statusCode === 200 ? samplesIn(answer) : undefined;
  }
}

function samplesIn(exposition: string): Samples {
  const samples = new Map<string, number>();
  for (const [, series = "", name = "", value] of exposition.matchAll(/^((\w+)(?:\{.*\})?) (\S+)$/gm)) {
    if (READ.has(name)) samples.set(series, Number(value));
  }
  return samples;
}
