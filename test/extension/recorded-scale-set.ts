import type { ScaleSetMemory } from "../../shared/extension/memory.ts";
import { recordObservation } from "../../shared/extension/record-observation.ts";
import type { ExtensionObserved } from "../../shared/model/observed.ts";
import type { ScaleSet } from "../../shared/model/scale-set.ts";
import { desired, memory, observed, scaleSet, SET_ID } from "../build.ts";

/** Returns the memory of the scale set after a pass has observed it. */
export function record(
  set: Partial<ScaleSet>,
  before: Partial<ScaleSetMemory> = {},
  world: Partial<ExtensionObserved> = {},
): ScaleSetMemory {
  const { scaleSets } = recordObservation(
    memory(before),
    observed({ scaleSets: [scaleSet(set)], ...world }),
    desired(),
  );
  const recorded = scaleSets[SET_ID];
  if (!recorded) throw new Error("the scale set is not in memory");
  return recorded;
}
