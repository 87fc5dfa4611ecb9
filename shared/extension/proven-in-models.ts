import { byText } from "../model/order.ts";
import { isRemoval, type Package } from "../model/package.ts";
import type { Instance, ScaleSet } from "../model/scale-set.ts";
import { markerOf, packageInModel } from "./desired.ts";
import type { OwnRun } from "./own-run.ts";
import { isViewReliable } from "./record-instance.ts";

type Runs = ReadonlyMap<Instance, OwnRun>;

/**
 * Returns the packages that count as proven after memory was lost: those of the models of pools that are not
 * uninstalled. The named one is among them only if every model has it, and no running instance shows another one, none,
 * or a failure: else its trial begins again.
 */
export function provenInModels(
  scaleSets: readonly ScaleSet[],
  named: Package | undefined,
  runs: Runs,
): readonly Package[] {
  const inOrder = scaleSets.toSorted(byText(({ id }) => id));
  const inModels = inOrder.flatMap((each) => packageInModel(each) ?? []).filter((each) => !isRemoval(each));
  const byMarker = new Map(inModels.map((each) => [markerOf(each), each]));
  const marker = named && markerOf(named);
  const isEverywhere = scaleSets.every((each) => marker !== undefined && isOnAll(each, marker, runs));
  return [...byMarker].flatMap(([each, found]) => (each !== marker || isEverywhere ? [found] : []));
}

function isOnAll(scaleSet: ScaleSet, marker: string, runs: Runs): boolean {
  const inModel = packageInModel(scaleSet);
  if (!inModel || markerOf(inModel) !== marker) return false;
  return scaleSet.instances.filter(isViewReliable).every((instance) => {
    const run = runs.get(instance);
    return run !== undefined && run.state !== "failed" && (run.marker ?? marker) === marker;
  });
}
