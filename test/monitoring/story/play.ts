import { startControlPlane } from "../../real/control-plane.ts";
import { openWorld } from "../../world.ts";
import type { Chapter } from "./chapters.ts";
import { discoverTargets } from "./discovery.ts";
import { type Minute, ScrapedStory } from "./scrapes.ts";
import { seriesOf } from "./series.ts";

/** When a fault began, ended, and was healed: the number of the last minute before. */
export interface Times {
  readonly begin: number;
  readonly healed: number;
  readonly end: number;
}

/** What Prometheus has after a story. */
export interface Played {
  /** In milliseconds since 1970. */
  readonly start: number;
  readonly series: Readonly<Record<string, string>>;
  readonly times: ReadonlyMap<Chapter, Times>;
}

/** Plays the chapters with the app in its host, and scrapes every minute. */
export async function play(chapters: readonly Chapter[], assets: string): Promise<Played> {
  const world = await openWorld();
  try {
    const host = await world.load(() => import("../../../functions/main.ts"));
    // Before the first pass, passes are overdue.
    await world.clock.advance(60_000);
    const story = new ScrapedStory(world, host);
    await story.live(1);
    const times = new Map<Chapter, Times>();
    const last = (): number => story.minutes.length - 1;
    for (const chapter of chapters) {
      const begin = last();
      const end = await chapter.begin(world);
      await story.live(chapter.faultMinutes);
      const healed = last();
      await end();
      await story.live(chapter.healMinutes);
      times.set(chapter, { begin, healed, end: last() });
    }
    return { start: story.start, series: await prometheusSeries(story.minutes, assets), times };
  } finally {
    await world.stop();
  }
}

async function prometheusSeries(minutes: readonly Minute[], assets: string): Promise<Played["series"]> {
  const distinct = new Map(minutes.map(({ published }) => [keyOf(published), published]));
  const real = await startControlPlane({ assets, manifests: [] });
  try {
    const found = await discoverTargets(real, [...distinct.values()]);
    const targets = new Map([...distinct.keys()].map((key, index) => [key, found[index] ?? []]));
    return seriesOf(minutes, ({ published }) => targets.get(keyOf(published)) ?? []);
  } finally {
    await real.close();
  }
}

/** Objects with the same key have the same targets. */
function keyOf(published: Minute["published"]): string {
  return JSON.stringify(
    published.map(({ metadata: { name, labels, annotations }, ...rest }) => [rest, name, labels, annotations]),
  );
}
