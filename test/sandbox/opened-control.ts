import { openWorld, type World } from "../world.ts";
import { startControl } from "./control.ts";
import { openPublisher } from "./publisher.ts";

/** A control server with its world and the app's host. */
export interface OpenedControl {
  readonly world: World;
  readonly url: string;
  stop(): Promise<void>;
}

/** Opens a world and the sandbox's control server on it, without the publisher's commands. */
export async function openControl(): Promise<OpenedControl> {
  const world = await openWorld();
  const host = await world.load(() => import("../../functions/main.ts"));
  const publisher = await openPublisher(world, "unused", "ca.pem");
  const opened = { world, host, real: ["azurite"], caFile: "ca.pem", publisher, stop: () => world.stop() };
  const control = await startControl(opened, 0);
  return {
    world,
    url: control.url,
    stop: async () => {
      await control.stop();
      await world.stop();
    },
  };
}
