import { randomSequence } from "../random.ts";
import type { World } from "../world.ts";
import type { Step } from "./story.ts";

const MINUTE_MS = 60_000;
const STEPS = 12;

/** A story of random things at random moments, the same for the same seed; AKS refuses what it could not begin. */
export function randomStory(seed: number): readonly Step[] {
  const random = randomSequence(seed);
  return Array.from({ length: STEPS }, () => {
    const doings = Array.from({ length: 1 + Math.floor(random() * 3) }, () => randomDoing(random));
    return {
      title: doings.map((each) => each.title).join(", then "),
      act: async (world, publisher) => {
        for (const { act, waitMs } of doings) {
          await act(world, publisher).catch((error: unknown) => ignoreRefusal(error));
          await world.clock.advance(waitMs);
        }
      },
    };
  });
}

type Doing = Step & { readonly waitMs: number };

function randomDoing(random: () => number): Doing {
  const waitMs = Math.floor(random() * 15 * MINUTE_MS);
  const pool = random() < 0.5 ? "win1" : "win2";
  const at = random();
  const size = 1 + Math.floor(random() * 8);
  const instance = (world: World): string => {
    const { instances = [] } = world.arm.world.scaleSets.find(({ name }) => name === `aks${pool}`) ?? {};
    return instances[Math.floor(at * instances.length)]?.id ?? "0";
  };
  const image = `20348.${1000 + Math.floor(random() * 9000)}`;
  const kinds: readonly Step[] = [
    { title: `${pool} scales to ${size}`, act: ({ arm, cluster }) => arm.aks.scale(cluster.id, pool, size) },
    {
      title: `${pool} is upgraded to ${image}`,
      act: ({ arm, cluster }) => arm.aks.upgrade(cluster.id, pool, { image }),
    },
    { title: `${pool} is reconciled`, act: ({ arm, cluster }) => arm.aks.reconcile(cluster.id, pool) },
    {
      title: `an instance of ${pool} is deallocated`,
      act: (world) => world.arm.aks.deallocate(`aks${pool}`, instance(world)),
    },
    { title: `an instance of ${pool} is started`, act: (world) => world.arm.aks.start(`aks${pool}`, instance(world)) },
    {
      title: `an instance of ${pool} is deleted`,
      act: (world) => world.arm.aks.deleteInstance(`aks${pool}`, instance(world)),
    },
    { title: "events are lost", act: (world) => deliver(world, false) },
    { title: "events are delivered", act: (world) => deliver(world, true) },
    { title: `${size} hours go by`, act: ({ clock }) => clock.advance(size * 60 * MINUTE_MS) },
  ];
  const [first] = kinds;
  const chosen = kinds[Math.floor(random() * kinds.length)] ?? first;
  return { title: chosen?.title ?? "", act: chosen?.act ?? (async () => undefined), waitMs };
}

async function deliver({ events }: World, isDelivered: boolean): Promise<void> {
  events.arm.deliver = isDelivered;
  events.aks.deliver = isDelivered;
}

/** "Another operation is in progress", "no such instance": Azure's answer to an operator who is too quick. */
function ignoreRefusal(error: unknown): void {
  const isRefusal = typeof error === "object" && error !== null && "status" in error;
  if (!isRefusal) throw error;
}
