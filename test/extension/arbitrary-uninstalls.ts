import type { ExtensionDesired } from "../../shared/extension/desired.ts";
import type { ScaleSetMemory } from "../../shared/extension/memory.ts";
import type { ModelExtension, ScaleSet } from "../../shared/model/scale-set.ts";
import { PACKAGE, removalEntry } from "../build.ts";

export type ScaleSetWithMemory = readonly [set: ScaleSet, memory: ScaleSetMemory];

/**
 * In a pool of UNINSTALL_POOLS, a pass has recorded that before it plans. In some, the removal is in the model, and in some
 * the model is without the extension already, and the pool small.
 */
export function withUninstall(
  [set, { uninstall, ...memory }]: ScaleSetWithMemory,
  { selection }: Pick<ExtensionDesired, "selection">,
): ScaleSetWithMemory {
  const { pool = "", extensions, instances } = set;
  const isMeant = selection.uninstall === "all" || selection.uninstall.has(pool);
  if (!isMeant || !uninstall) return [set, { ...memory, uninstall: undefined }];
  const recorded = { ...memory, uninstall };
  if (uninstall.package === PACKAGE) {
    return [{ ...set, extensions: extensions.map((each) => (isOurs(each) ? removalEntry() : each)) }, recorded];
  }
  if (uninstall.package) return [set, recorded];
  const rest = extensions.filter((each) => !isOurs(each));
  return [{ ...set, extensions: rest, instances: instances.slice(0, 1) }, recorded];
}

function isOurs({ name }: ModelExtension): boolean {
  return name === "windows-exporter-dsc";
}
