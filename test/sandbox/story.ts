import { isRecord } from "../simulators/arm/http.ts";
import type { JournalEntry } from "../simulators/arm/journal.ts";
import type { World } from "../world.ts";
import { unfinished, violations, watchWrites } from "./invariants.ts";
import type { Publisher } from "./publisher.ts";
import type { Sandbox } from "./sandbox.ts";
import { countWrites, currentPackage, isWrite } from "./view.ts";

const MINUTE_MS = 60_000;
/** A step that needs longer has failed: a pool's upgrade takes minutes a node, and waits between. */
const STEP_LIMIT_MS = 12 * 60 * MINUTE_MS;

/** One thing that happens, after which everything heals. */
export interface Step {
  readonly title: string;
  readonly act: (world: World, publisher: Publisher) => Promise<void>;
  /** What must hold of the writes to ARM that followed, beyond what must hold after every step. */
  readonly check?: (writes: readonly JournalEntry[]) => readonly string[];
}

/** The story that `npm start` plays: installation, scale-out, upgrade, reconcile, a node that sleeps, a new package and back. */
export const STORY: readonly Step[] = [
  { title: "the app sees the cluster for the first time", act: async () => undefined },
  { title: "pool win1 scales out to 5", act: ({ arm, cluster }) => arm.aks.scale(cluster.id, "win1", 5) },
  {
    title: "AKS upgrades pool win1 to image 20348.9999",
    act: ({ arm, cluster }) => arm.aks.upgrade(cluster.id, "win1", { image: "20348.9999" }),
  },
  { title: "AKS reconciles pool win2", act: ({ arm, cluster }) => arm.aks.reconcile(cluster.id, "win2") },
  {
    title: "an instance is deallocated while pool win2 scales out to 4",
    act: async ({ arm, cluster }) => {
      await arm.aks.deallocate("akswin2", "0");
      await arm.aks.scale(cluster.id, "win2", 4);
    },
  },
  { title: "the instance starts again", act: ({ arm }) => arm.aks.start("akswin2", "0") },
  {
    title: "the package of windows_exporter 0.31.8 is published",
    act: (_world, publisher) => publisher.publish("0.31.8"),
    check: beginsWithOne,
  },
  { title: "the operator rolls back to the package before", act: (_world, publisher) => publisher.rollBack() },
];

/** A package that no node has run goes to one of them first. */
function beginsWithOne(writes: readonly JournalEntry[]): readonly string[] {
  const [first] = writes.filter(({ path }) => path.toLowerCase().endsWith("/manualupgrade"));
  const ids = isRecord(first?.body) ? first.body["instanceIds"] : undefined;
  return Array.isArray(ids) && ids.length === 1 ? [] : [`the first nodes to get it were ${JSON.stringify(ids)}`];
}

/** Plays steps, a line each; returns what was wrong after the first step that left something wrong. */
export async function play(
  { world, publisher }: Pick<Sandbox, "world" | "publisher">,
  steps: readonly Step[],
  print: (line: string) => void,
): Promise<readonly string[]> {
  const wrongWrites = watchWrites(world);
  for (const [index, { title, act, check }] of steps.entries()) {
    const began = world.clock.now();
    const before = countWrites(world);
    const journaled = world.arm.journal.length;
    await act(world, publisher);
    const current = await currentPackage(world);
    await settle(world, current);
    const writes = world.arm.journal.slice(journaled).filter((entry) => entry.who === "app" && isWrite(entry));
    const wrong = [...(await violations(world, current, wrongWrites)), ...(check?.(writes) ?? [])];
    const minutes = Math.round((world.clock.now() - began) / MINUTE_MS);
    print(
      `${String(index + 1).padStart(2)}. ${title}: ${wrong.length === 0 ? "healed" : "NOT healed"} after ${minutes} min; ${difference(before, countWrites(world))}`,
    );
    for (const each of wrong) print(`    ${each}`);
    if (wrong.length > 0) return wrong;
  }
  return [];
}

/** Lets the clock go on until everything is as it should be, and a little longer; or until the step's time is up. */
async function settle(world: World, current: string): Promise<void> {
  const until = world.clock.now() + STEP_LIMIT_MS;
  do await world.clock.advance(MINUTE_MS);
  while (unfinished(world, current).length > 0 && world.clock.now() < until);
  await world.clock.advance(MINUTE_MS);
}

function difference(before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>): string {
  const changed = Object.entries(after)
    .map(([action, count]) => ({ what: action.split("/").slice(1).join("/"), count: count - (before[action] ?? 0) }))
    .filter(({ count }) => count > 0);
  return changed.map(({ what, count }) => `${count} ${what}`).join(", ") || "no writes";
}
