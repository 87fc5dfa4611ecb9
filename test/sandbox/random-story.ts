import { randomSequence } from "../random.ts";
import type { World } from "../world.ts";
import type { Step } from "./story.ts";

const MINUTE_MS = 60_000;
const STEPS = 12;

/** Returns a story of random events at random times, the same for the same seed. It ignores errors of AKS. */
export function randomStory(seed: number): readonly Step[] {
  const random = randomSequence(seed);
  return Array.from({ length: STEPS }, () => {
    const events = Array.from({ length: 1 + Math.floor(random() * 3) }, () => randomEvent(random));
    return {
      title: events.map((each) => each.title).join(", then "),
      act: async (world, publisher) => {
        for (const { act, waitMs } of events) {
          await act(world, publisher).catch((error: unknown) => ignoreArmError(error));
          await world.clock.advance(waitMs);
        }
      },
    };
  });
}

type RandomEvent = Step & { readonly waitMs: number };

function randomEvent(random: () => number): RandomEvent {
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
    { title: `AKS scales pool ${pool} to ${size}`, act: ({ arm, cluster }) => arm.aks.scale(cluster.id, pool, size) },
    {
      title: `AKS upgrades pool ${pool} to ${image}`,
      act: ({ arm, cluster }) => arm.aks.upgrade(cluster.id, pool, { image }),
    },
    { title: `AKS reconciles pool ${pool}`, act: ({ arm, cluster }) => arm.aks.reconcile(cluster.id, pool) },
    {
      title: `Azure deallocates an instance of pool ${pool}`,
      act: (world) => world.arm.aks.deallocate(`aks${pool}`, instance(world)),
    },
    {
      title: `Azure starts an instance of pool ${pool}`,
      act: (world) => world.arm.aks.start(`aks${pool}`, instance(world)),
    },
    {
      title: `Azure deletes an instance of pool ${pool}`,
      act: (world) => world.arm.aks.deleteInstance(`aks${pool}`, instance(world)),
    },
    {
      title: `AKS's autoscaler scales pool ${pool} to ${size}`,
      act: ({ arm, cluster }) => arm.actors.autoscale(cluster.id, pool, size),
    },
    {
      title: `Azure evicts an instance of pool ${pool}`,
      act: (world) => world.arm.actors.evict(`aks${pool}`, instance(world), at < 0.5 ? "Delete" : "Deallocate"),
    },
    { title: "Event Grid loses events", act: (world) => deliver(world, false) },
    { title: "Event Grid delivers events", act: (world) => deliver(world, true) },
    { title: `${size} h pass`, act: ({ clock }) => clock.advance(size * 60 * MINUTE_MS) },
  ];
  const [first] = kinds;
  const chosen = kinds[Math.floor(random() * kinds.length)] ?? first;
  return { title: chosen?.title ?? "", act: chosen?.act ?? (async () => undefined), waitMs };
}

async function deliver({ events }: World, isDelivered: boolean): Promise<void> {
  events.arm.deliver = isDelivered;
  events.aks.deliver = isDelivered;
}

/** Ignores Azure's errors, such as another operation in progress or an instance that does not exist. */
function ignoreArmError(error: unknown): void {
  const isRefusal = typeof error === "object" && error !== null && "status" in error;
  if (!isRefusal) throw error;
}
