import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openWorld, type World } from "../world.ts";
import { App } from "./app.ts";
import { startControl } from "./control.ts";
import { openPublisher } from "./publisher.ts";
import { partsOf } from "./sandbox.ts";

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
  const folder = mkdtempSync(join(tmpdir(), "control-"));
  const publisher = await openPublisher(world, folder, "ca.pem");
  const published = { world, publisher, caFile: "ca.pem", stop: () => world.stop() };
  const control = await startControl(0);
  control.show({ ...published, ...partsOf(published, new App(world, host)), real: ["azurite"] });
  return {
    world,
    url: control.url,
    stop: async () => {
      await control.stop();
      await world.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
