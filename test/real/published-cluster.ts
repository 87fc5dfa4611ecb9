import { setTimeout as sleep } from "node:timers/promises";
import type { Reason } from "../../shared/model/reason.ts";
import type { Report } from "../../shared/model/report.ts";
import type { KubeObject } from "../contracts/cluster-admin.ts";
import { APP_OID, inParallel } from "../contracts/kube-fixture.ts";
import { readManifests } from "../manifests.ts";
import { openPasses, type Passes } from "../passes.ts";
import { problemIn, see } from "../stories/seen.ts";
import { SHOP } from "../world.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { runCommand } from "./kubectl.ts";
import { type SliceWatch, watchSlices } from "./slice-watch.ts";

const QUIET_MS = 250;
export const PATIENCE = { timeout: 20_000, interval: 50 };
export const MANIFESTS = readManifests(APP_OID);
const SERVICE = MANIFESTS.find(({ kind }) => kind === "Service");

/** Writes of the flow and of Kubernetes's controllers, as the API server counts them. */
export const WRITES = /^(?!GET |LIST |WATCH |CONNECT )\w+ (endpoints|endpointslices|services|nodes|events)$/;

/** Returns the Service of the manifest with changes in its spec. */
export function service(change: Record<string, unknown> = {}): KubeObject {
  if (!SERVICE) throw new Error("no Service in the manifests");
  return { ...SERVICE, spec: { ...(SERVICE["spec"] as object), ...change } };
}

/** Returns the verdicts of a pass about the cluster, as `refused another-app`. */
export function clusterVerdicts({ plan }: Report): readonly string[] {
  const those = plan.verdicts.filter(({ subject }) => subject.kind === "cluster");
  return those.map(({ state, reason }) => [state, reason].filter(Boolean).join(" "));
}

/** A real control plane that several worlds use, one after the other. */
export class PublishedCluster {
  readonly real: ControlPlane;
  readonly watch: SliceWatch;
  #passes: Passes | undefined;

  private constructor(real: ControlPlane, watch: SliceWatch) {
    this.real = real;
    this.watch = watch;
  }

  static async start(assets: string): Promise<PublishedCluster> {
    const real = await startControlPlane({ assets, manifests: [] });
    return new PublishedCluster(real, await watchSlices(real));
  }

  /** Opens a world with three Windows nodes, and deletes all objects of the previous one. */
  async open(settings: Readonly<Record<string, string>> = {}): Promise<Passes> {
    const pools = [{ name: "win1", os: "Windows", count: 3, image: "20348.3000" }] as const;
    this.#passes = await openPasses({
      cluster: { ...SHOP, pools },
      settings,
      startKube: async (manifests) => {
        await this.#empty();
        for (const object of manifests) await this.real.apply(object);
        await this.watch.settle();
        this.watch.forget();
        return { ...this.real, close: async () => undefined };
      },
    });
    return this.#passes;
  }

  async #empty(): Promise<void> {
    for (const kind of ["Endpoints", "EndpointSlice", "Node"] as const) {
      await inParallel(await this.real.list(kind), ({ metadata }) => this.real.delete(kind, metadata.name));
    }
  }

  async closeWorld(): Promise<void> {
    await this.#passes?.world.stop();
    this.#passes = undefined;
  }

  async stop(): Promise<void> {
    this.watch.stop();
    await this.real.close();
  }

  /** Returns the other managers of any slice of the Service that the watch has seen. */
  foreignManagers(): readonly string[] {
    const managers = this.watch.seen("windows-exporter").map(({ managedBy }) => managedBy ?? "none");
    return [...new Set(managers)].filter((manager) => manager !== "aks-windows-metrics");
  }

  /** Counts the API server's requests during `work`, by verb and resource, after the controllers have settled. */
  async countRequests(only: RegExp, work: () => Promise<unknown>): Promise<Readonly<Record<string, number>>> {
    const before = await this.#untilQuiet();
    await work();
    const after = Object.entries(await this.real.requests());
    const more = after.map(([key, count]) => [key, count - (before[key] ?? 0)] as const);
    return Object.fromEntries(more.filter(([key, count]) => only.test(key) && count > 0));
  }

  /** Waits until the controllers have written nothing for a while. */
  async #untilQuiet(): Promise<Readonly<Record<string, number>>> {
    const until = performance.now() + PATIENCE.timeout;
    let counts = await this.real.requests();
    while (performance.now() < until) {
      const before = counts;
      await sleep(QUIET_MS);
      counts = await this.real.requests();
      if (Object.keys(counts).every((key) => !WRITES.test(key) || counts[key] === before[key])) return counts;
    }
    throw new Error("the controllers keep writing");
  }

  /** Runs the kubectl command of a problem on the status page, as an operator would. */
  async runRemedy(app: Pick<Passes, "deps">, reason: Reason): Promise<void> {
    const { remedy } = problemIn(await see(app), reason);
    // The kubeconfig of this API server has another context.
    runCommand(this.real, (remedy?.command ?? "false").replace(/ --context \S+/, ""));
  }
}
