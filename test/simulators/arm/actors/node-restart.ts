import type { Engine } from "../engine.ts";
import { isAksOwn, isBootstrap } from "../scripted-failures.ts";
import type { Instance, ModelExtension, ScaleSet } from "../world.ts";

/** Restarts a fresh node shortly after AKS's own extension ended on it, if AKS does so in this pool. */
export function restartAfterBootstrap(
  engine: Engine,
  set: ScaleSet,
  instance: Instance,
  extension: ModelExtension,
): void {
  if (!isBootstrap(extension) || !engine.actors.restartsFreshNodes.has(set.id)) return;
  const { life } = instance;
  const restart = async (): Promise<void> => {
    await engine.flow.wait(engine.durations.untilBootstrapRestart);
    if (instance.life === life) restartNode(engine, instance);
  };
  engine.flow.spawn(restart());
}

/** Restarts a machine: it has another boot, and its Node is not Ready until it is up. */
export function restartNode({ flow, durations }: Engine, instance: Instance): void {
  instance.boots += 1;
  instance.upAt = flow.clock.now() + durations.restart;
}

/** Returns whether the machine is restarting. Its power state stays running, and its agent does not respond. */
export function isRestarting({ flow }: Engine, { upAt }: Instance): boolean {
  return flow.clock.now() < upAt;
}

/** Waits for the work of a handler. A restart interrupts it: it begins again, or returns false because it never ends. */
export async function waitThroughRestarts(
  { flow, unknowns }: Engine,
  instance: Instance,
  extension: ModelExtension,
  work: { readonly durationMs: number },
): Promise<boolean> {
  const beginsAgain = unknowns.restartedRun === "begins-again" || isAksOwn(extension);
  const began = flow.clock.now();
  while (true) {
    const { boots } = instance;
    const from = Math.max(began, instance.upAt);
    await flow.wait(Math.max(0, from + work.durationMs - flow.clock.now()));
    if (instance.boots === boots) return true;
    if (!beginsAgain) return false;
  }
}
