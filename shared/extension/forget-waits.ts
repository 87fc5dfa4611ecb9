import type { ExtensionMemory, ScaleSetMemory } from "./memory.ts";

/**
 * Returns memory without the waits that a person can have ended, and with a retry of every failed instance: an operator
 * who requests a resync has removed the causes. Azure alone ends the wait after a 429.
 */
export function forgetWaits(memory: ExtensionMemory): ExtensionMemory {
  const scaleSets = Object.entries(memory.scaleSets).map(([id, each]) => [id, forgetScaleSet(each)] as const);
  return { ...memory, scaleSets: Object.fromEntries(scaleSets) };
}

function forgetScaleSet(known: ScaleSetMemory): ScaleSetMemory {
  const { backOff, instances, lastTag } = known;
  const retryAfterTry = lastTag?.try ?? 0;
  return {
    ...known,
    puts: undefined,
    backOff: backOff?.reason === "throttled" ? backOff : undefined,
    instances: Object.fromEntries(
      Object.entries(instances).map(([vmId, each]) => [vmId, { ...each, retryAfterTry }] as const),
    ),
  };
}
