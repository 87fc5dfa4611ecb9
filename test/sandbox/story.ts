import { isRecord } from "../simulators/arm/http.ts";
import type { JournalEntry } from "../simulators/arm/journal.ts";
import type { World } from "../world.ts";
import type { Feed } from "./feed.ts";
import { findUnconverged, findViolations, watchWrites } from "./invariants.ts";
import type { Publisher } from "./publisher.ts";
import type { Sandbox } from "./sandbox.ts";
import { countWrites, currentPackage, isWrite } from "./view.ts";

const MINUTE_MS = 60_000;
/** The time limit of a step; the upgrade of a pool takes several minutes per node. */
const STEP_LIMIT_MS = 12 * 60 * MINUTE_MS;

/** An event in the cluster, after which the app has to converge. */
export interface Step {
  readonly title: string;
  readonly act: (world: World, publisher: Publisher) => Promise<void>;
  /** Checks the app's writes to ARM in this step, in addition to the checks of every step. */
  readonly check?: (writes: readonly JournalEntry[]) => readonly string[];
}

/** The story of `npm start`: installation, scale-out, upgrade, reconcile, deallocation, a new package, a rollback. */
export const STORY: readonly Step[] = [
  { title: "The app installs windows_exporter on a new cluster", act: async () => undefined },
  { title: "AKS scales pool win1 out to 5 nodes", act: ({ arm, cluster }) => arm.aks.scale(cluster.id, "win1", 5) },
  {
    title: "AKS upgrades pool win1 to image 20348.9999",
    act: ({ arm, cluster }) => arm.aks.upgrade(cluster.id, "win1", { image: "20348.9999" }),
  },
  { title: "AKS reconciles pool win2", act: ({ arm, cluster }) => arm.aks.reconcile(cluster.id, "win2") },
  {
    title: "An instance is deallocated while AKS scales pool win2 out to 4 nodes",
    act: async ({ arm, cluster }) => {
      await arm.aks.deallocate("akswin2", "0");
      await arm.aks.scale(cluster.id, "win2", 4);
    },
  },
  { title: "The deallocated instance starts", act: ({ arm }) => arm.aks.start("akswin2", "0") },
  {
    title: "The operator publishes a package with windows_exporter 0.31.8",
    act: (_world, publisher) => publisher.publish("0.31.8"),
    check: startsWithOneInstance,
  },
  { title: "The operator rolls back to the previous package", act: (_world, publisher) => publisher.rollBack() },
];

/** Checks that the first upgrade after a new package is of exactly one instance, the canary. */
function startsWithOneInstance(writes: readonly JournalEntry[]): readonly string[] {
  const [first] = writes.filter(({ path }) => path.toLowerCase().endsWith("/manualupgrade"));
  const ids = isRecord(first?.body) ? first.body["instanceIds"] : undefined;
  return Array.isArray(ids) && ids.length === 1
    ? []
    : [`the first upgrade was of instances ${JSON.stringify(ids)}, expected one`];
}

/** What a story tells, and to what. */
export interface Audience {
  readonly feed: Feed;
  /** Called after each minute of the story. */
  readonly tell: () => Promise<void>;
}

/** Plays the steps and tells each as it happens. Stops at the first step with failed checks, and returns these. */
export async function play(
  { world, publisher }: Pick<Sandbox, "world" | "publisher">,
  steps: readonly Step[],
  { feed, tell }: Audience,
): Promise<readonly string[]> {
  const wrongWrites = watchWrites(world);
  for (const [index, { title, act, check }] of steps.entries()) {
    const began = world.clock.now();
    const before = countWrites(world);
    const journaled = world.arm.journal.length;
    feed.add({ who: "story", text: `${index + 1}. ${title}` });
    await act(world, publisher);
    const current = await currentPackage(world);
    await settle(world, current, tell);
    const made = world.arm.journal.slice(journaled).filter((entry) => entry.who === "app" && isWrite(entry));
    const wrong = [...(await findViolations(world, current, wrongWrites)), ...(check?.(made) ?? [])];
    const minutes = Math.round((world.clock.now() - began) / MINUTE_MS);
    const result = `${wrong.length === 0 ? "converged in" : "FAILED after"} ${minutes} min`;
    const writes = difference(before, countWrites(world));
    feed.add({ who: "story", text: `${result}; writes: ${writes}`, level: wrong.length === 0 ? "well" : "trouble" });
    for (const text of wrong) feed.add({ who: "story", text, level: "trouble" });
    if (wrong.length > 0) return wrong;
  }
  return [];
}

/** Advances the clock to a minute after everything has converged, or to the time limit of the step. */
async function settle(world: World, current: string, tell: Audience["tell"]): Promise<void> {
  const until = world.clock.now() + STEP_LIMIT_MS;
  do {
    await world.clock.advance(MINUTE_MS);
    await tell();
  } while (findUnconverged(world, current).length > 0 && world.clock.now() < until);
  await world.clock.advance(MINUTE_MS);
  await tell();
}

function difference(before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>): string {
  const changed = Object.entries(after)
    .map(([action, count]) => ({ what: action.split("/").slice(-2).join("/"), count: count - (before[action] ?? 0) }))
    .filter(({ count }) => count > 0);
  return changed.map(({ what, count }) => `${count} ${what}`).join(", ") || "none";
}
