import { isDeepStrictEqual } from "node:util";
import type { Engine } from "./engine.ts";
import type { ScaleSet } from "./world.ts";

type Model = Partial<Pick<ScaleSet, "virtualMachineProfile" | "sku" | "tags">>;

/** Writes the model of a scale set. Under the Manual upgrade policy, this changes no instance and takes 250 ms. */
export async function writeModel(engine: Engine, set: ScaleSet, model: Model, bumpsEtag = true): Promise<void> {
  const { virtualMachineProfile, sku, tags } = { ...set, ...model };
  const profileChanged = !isDeepStrictEqual(virtualMachineProfile, set.virtualMachineProfile);
  if (profileChanged) set.revision += 1;
  if (bumpsEtag && (profileChanged || !isDeepStrictEqual([sku, tags], [set.sku, set.tags]))) set.etag += 1;
  Object.assign(set, { virtualMachineProfile, sku, tags });
  await engine.flow.wait(engine.durations.modelWrite);
}
