import type { PassRequest } from "../model/flow.ts";
import { isSamePool } from "../model/pools.ts";
import type { ExtensionMemory, ScaleSetMemory } from "./memory.ts";

/** Returns memory without the hold on the package and those of all pools, or of one, after an operator asked for that. */
export function releaseHolds(memory: ExtensionMemory, { pool }: NonNullable<PassRequest["release"]>): ExtensionMemory {
  const scaleSets = Object.entries(memory.scaleSets).map(([id, each]): readonly [string, ScaleSetMemory] => {
    const isReleased = pool === undefined || isSamePool(each.pool ?? "", pool);
    return [id, isReleased ? { ...each, harm: undefined, packageHold: undefined } : each];
  });
  return { ...memory, held: undefined, scaleSets: Object.fromEntries(scaleSets) };
}
