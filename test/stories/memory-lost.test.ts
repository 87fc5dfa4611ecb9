import { expect, test } from "vitest";
import { instanceStates, openPasses, type Passes } from "../passes.ts";
import { extensionOf } from "../sandbox/view.ts";
import { SHOP } from "../world.ts";

/** When memory is deleted, in minutes from the first pass: an installation, two drops by AKS, a new node, and a lost one. */
const POINTS = [1, 3, 6, 9, 14, 22, 31, 40, 52, 70];

const cluster = { ...SHOP, pools: [{ name: "win1", os: "Windows" as const, count: 4, image: "20348.3000" }] };

/** Lives through some minutes of the story; AKS does its part in between. */
async function liveStory({ live, world: { arm, cluster: shop } }: Passes, from: number, to: number): Promise<void> {
  const acts: readonly (readonly [minute: number, act: () => Promise<unknown>])[] = [
    [20, () => arm.aks.reconcile(shop.id, "win1")],
    [30, () => arm.actors.autoscale(shop.id, "win1", 5)],
    [45, () => arm.actors.evict("akswin1", "0", "Delete")],
    [50, () => arm.aks.reconcile(shop.id, "win1")],
  ];
  let at = from;
  for (const [minute, act] of acts.filter(([each]) => each >= from && each < to)) {
    await live(minute - at);
    await act();
    at = minute;
  }
  await live(to - at);
}

const instancesOf = ({ world }: Passes) => world.arm.world.scaleSets[0]?.instances ?? [];

/** Returns the lives of the instances with a working exporter; a reimage begins a new life. */
const workingOf = (opened: Passes): ReadonlyMap<string, number> =>
  new Map(
    instancesOf(opened).flatMap((each) =>
      extensionOf(each)?.installed === opened.world.package.hash ? [[each.id, each.life] as const] : [],
    ),
  );

const UNKNOWNS = [
  { shown: "what an instance carries", unknowns: {} },
  { shown: "nothing of it", unknowns: { substatuses: "never", instanceResourcesShowSettings: false } },
] as const;

test.each(UNKNOWNS.flatMap((each) => POINTS.map((point) => ({ ...each, point }))))(
  "memory deleted after $point minutes, where Azure shows $shown: no working exporter is upgraded",
  async ({ point, unknowns }) => {
    const opened = await openPasses({ cluster, arm: { unknowns } });
    const { world, state } = opened;
    await liveStory(opened, 0, point);
    for await (const { name } of state.listBlobsFlat({ prefix: "memory/" })) await state.deleteBlob(name);
    const working = workingOf(opened);
    const since = world.arm.journal.length;
    await liveStory(opened, point, 120);
    const upgraded = world.arm.journal
      .slice(since)
      .filter(({ path }) => path.endsWith("/manualupgrade"))
      .flatMap(({ body }) => Object.values(Object(body)).flat());
    const undisturbed = instancesOf(opened).filter(({ id, life }) => working.get(id) === life);
    expect(undisturbed.length >= 3 || point < 22).toBe(true);
    expect(undisturbed.filter(({ id }) => upgraded.includes(id))).toEqual([]);
    const states = instanceStates(await opened.pass());
    await world.stop();
    expect(Object.keys(states).toSorted((a, b) => a.localeCompare(b))).not.toContain("failed");
    expect(world.arm.world.violations).toEqual([]);
  },
);
