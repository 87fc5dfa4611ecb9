import type { NodeState } from "../../shared/report/status.ts";
import { makePackage, publish } from "../packages.ts";
import { openPasses, type Passes } from "../passes.ts";
import type { PoolSpec } from "../simulators/arm/world.ts";
import { SHOP, type WorldOptions } from "../world.ts";
import { failRuns } from "./failing-runs.ts";
import { see, type Seen, statesIn } from "./seen.ts";

const IN_TIME_MINUTES = 60;

/** Opens a world with these Windows pools of two nodes each, unless they say otherwise. */
export function openPools(options: WorldOptions = {}, pools: readonly Partial<PoolSpec>[] = [{}]): Promise<Passes> {
  const specs = pools.map((pool, index): PoolSpec => {
    return { name: `win${index + 1}`, os: "Windows", count: 2, image: "20348.3000", ...pool };
  });
  return openPasses({ cluster: { ...SHOP, pools: specs }, ...options });
}

/** Lives through some minutes, with a pass of the endpoints flow in each. */
export async function liveMinutes({ live, publish: publishNow }: Passes, minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    await live(1);
    await publishNow();
  }
}

/** Lives on, for at most an hour, until what a person sees fits. */
export async function until(passes: Passes, fits: (seen: Seen) => boolean, minutes = IN_TIME_MINUTES): Promise<Seen> {
  let problems: Seen["problems"] = [];
  for (let minute = 0; minute < minutes; minute++) {
    await liveMinutes(passes, 1);
    const seen = await see(passes);
    if (fits(seen)) return seen;
    ({ problems } = seen);
  }
  throw new Error(`not seen: ${fits.toString()}, at the end: ${JSON.stringify(problems, null, 1)}`);
}

/** Deletes the Service, and what Kubernetes deletes with it. */
async function deleteService({ world: { kube } }: Passes): Promise<void> {
  await kube.delete("Service", "windows-exporter");
  for (const kind of ["Endpoints", "EndpointSlice"] as const) {
    for (const { metadata } of await kube.list(kind)) await kube.delete(kind, metadata.name);
  }
}

/** A story in which nodes get into a state. */
interface Scenario {
  readonly open: () => Promise<Passes>;
  /** Makes the state, after the installation if that is to come first. */
  readonly spoil?: (passes: Passes) => Promise<unknown>;
  readonly installsFirst?: true;
  /** Whether the nodes are all as the story ends; by default, one is in the state. */
  readonly isEnd?: (states: readonly NodeState[]) => boolean;
}

/** A story for each state of a node. */
const SCENARIOS: Readonly<Record<NodeState, Scenario>> = {
  covered: { open: openPools, isEnd: (states) => states.every((each) => each === "covered") },
  installing: { open: openPools },
  planned: { open: () => openPools({ settings: { MODE: "observe" } }) },
  failed: { open: openPools, spoil: async ({ world }) => failRuns(world.dsc, "download") },
  "waiting-for-aks": {
    open: openPools,
    installsFirst: true,
    spoil: ({ world: { arm, cluster } }) => arm.aks.upgrade(cluster.id, "win1", { image: "20348.9999" }),
  },
  "not-running": {
    open: openPools,
    installsFirst: true,
    spoil: ({ world }) => world.arm.actors.evict("akswin1", "1", "Deallocate"),
  },
  excluded: {
    open: () => openPools({ settings: { SCRAPE_SOURCES: "win2=off" } }, [{}, { count: 1 }]),
    isEnd: (states) => states.join(" ") === "covered covered excluded",
  },
  outdated: {
    open: () => openPools({}, [{ count: 4 }]),
    installsFirst: true,
    spoil: async ({ world: { arm, cluster, packageContainer } }) => {
      await arm.actors.lock(cluster.id, "ReadOnly");
      await publish(packageContainer, makePackage("0.31.9"));
    },
  },
  queued: { open: () => openPools({ settings: { ROLLOUT_SOAK: "PT30M" } }) },
  held: { open: openPools, spoil: async ({ world }) => failRuns(world.dsc, "package") },
  blind: { open: openPools, installsFirst: true, spoil: deleteService },
};

/** Plays the story of a state until a person sees a node in it. The caller stops the world. */
export async function play(state: NodeState): Promise<{ readonly passes: Passes; readonly seen: Seen }> {
  const { open, spoil, installsFirst, isEnd = (states) => states.includes(state) } = SCENARIOS[state];
  const passes = await open();
  if (installsFirst) await until(passes, (seen) => statesIn(seen).every((each) => each === "covered"));
  await spoil?.(passes);
  return { passes, seen: await until(passes, (seen) => isEnd(statesIn(seen))) };
}
