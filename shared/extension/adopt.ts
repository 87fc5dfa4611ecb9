import { findOwnExtension } from "../model/extension.ts";
import type { PassRequest } from "../model/flow.ts";
import type { ExtensionObserved } from "../model/observed.ts";
import { compareTexts } from "../model/order.ts";
import { isSamePool } from "../model/pools.ts";
import type { ScaleSet } from "../model/scale-set.ts";
import type { ExtensionMemory, ScaleSetMemory } from "./memory.ts";

/**
 * Returns memory after an operator asked to take over what another owner has: the extensions that are in the models
 * now, once each, and for good the tags of their owners on instances and in the past of the models.
 */
export function adopt(
  memory: ExtensionMemory,
  { scaleSets }: ExtensionObserved,
  { pool }: NonNullable<PassRequest["adopt"]>,
  owner: string,
): ExtensionMemory {
  const chosen = scaleSets.filter((each) => pool === undefined || isSamePool(each.pool ?? "", pool));
  const owners = chosen.flatMap((each) => ownersOf(each, memory.scaleSets[each.id]));
  const adopting = chosen.map(({ id, extensions }) => [id, findOwnExtension(extensions)?.tag?.owner] as const);
  const known = new Map(Object.entries(memory.scaleSets));
  for (const [id, inModel] of adopting) {
    const set = known.get(id);
    if (set && inModel !== undefined && inModel !== owner) known.set(id, { ...set, adopting: inModel });
  }
  const others = owners.filter((each) => each !== owner);
  return {
    ...memory,
    adopted: [...new Set([...memory.adopted, ...others])].toSorted(compareTexts),
    scaleSets: Object.fromEntries(known),
  };
}

/** Returns the owners in the tags of a model and its instances, and the other one that the model last had. */
function ownersOf({ extensions, instances }: ScaleSet, known: ScaleSetMemory | undefined): readonly string[] {
  const entries = [findOwnExtension(extensions), ...instances.map((each) => findOwnExtension(each.extensions))];
  return [...entries.map((each) => each?.tag?.owner), known?.otherOwner?.owner].filter((each) => each !== undefined);
}
