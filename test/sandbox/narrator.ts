import type { ClusterStatus, Status } from "../../shared/report/status.ts";
import { isAksAtRest } from "./invariants.ts";
import type { Sandbox } from "./sandbox.ts";

/** Tells what changes: what AKS does to pools and nodes, and what the app's own status says of it. */
export class Narrator {
  readonly #sandbox: Pick<Sandbox, "world" | "app" | "feed">;
  readonly #told = new Set<string>();
  /** The texts of the last call by what they are about. */
  #known: ReadonlyMap<string, string> | undefined;
  #headline = "";

  constructor(sandbox: Pick<Sandbox, "world" | "app" | "feed">) {
    this.#sandbox = sandbox;
  }

  /** Tells what is new since the last call. */
  async tell(): Promise<void> {
    this.#tellWorld();
    if (!this.#sandbox.app.address) return;
    const answer = await this.#sandbox.app.fetch("status");
    // While it restarts, or before its first pass, the app has no status.
    if (!answer.headers.get("content-type")?.includes("json")) return;
    const status = (await answer.json()) as Status;
    for (const cluster of status.clusters ?? []) this.#tellCluster(cluster, status.at);
  }

  #tellWorld(): void {
    const { world, feed } = this.#sandbox;
    const { pools, nodes } = stateOf(world);
    const before = this.#known;
    this.#known = new Map([...pools, ...nodes]);
    if (!before) return;
    for (const [pool, state] of pools) {
      if (before.get(pool) === state) continue;
      feed.add({
        who: "AKS",
        text: isAksAtRest(state) ? `ends its work on ${pool}: ${state}.` : `works on ${pool}: ${state}.`,
      });
    }
    const changed = [...nodes].filter(([node, state]) => (before.get(node) ?? "has left") !== state);
    const left = [...before.keys()]
      .filter((name) => !this.#known?.has(name))
      .map((name) => [name, "has left"] as const);
    for (const [state, group] of Map.groupBy([...changed, ...left], (each) => each[1])) {
      feed.add({ who: "nodes", text: `${group.map(([node]) => node).join(", ")}: ${state}.` });
    }
  }

  #tellCluster({ timeline, headline, level }: ClusterStatus, at: string): void {
    const { feed } = this.#sandbox;
    for (const event of timeline.toReversed()) {
      if (!this.#told.has(event.at + event.text)) feed.add({ who: "app", at: event.at, text: event.text });
      this.#told.add(event.at + event.text);
    }
    if (headline === this.#headline) return;
    this.#headline = headline;
    feed.add({ who: "app", at, text: headline, level });
  }
}

/** Returns the state of each Windows pool, and of each of its nodes in words. */
function stateOf({ cluster, arm, fleet }: Sandbox["world"]) {
  const windows = cluster.pools.filter(({ os }) => os === "Windows");
  const sets = arm.world.scaleSets.filter(({ name }) => windows.some(({ scaleSet }) => scaleSet === name));
  const nodes = sets.flatMap(({ instances }) =>
    instances.map(({ computerName, ip, power, image }) => {
      const exporter = fleet.answers(ip, 9182) ? "its exporter answers" : "no exporter";
      return [computerName, power === "running" ? `image ${image}, ${exporter}` : power] as const;
    }),
  );
  return { pools: windows.map(({ name, state }) => [name, state] as const), nodes };
}
