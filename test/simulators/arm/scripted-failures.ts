import type { Engine } from "./engine.ts";
import { type Instance, type ModelExtension, same, type ScaleSet } from "./world.ts";

/** Makes the next runs of an extension on an instance fail; AKS's own extensions are never meant. */
export interface FailExtension {
  scaleSet: string;
  instanceId: string;
  /** "publisher.type"; any foreign extension without it. */
  type?: string;
  cause: "package" | "download" | "agent";
  times: number;
}

/** Publisher and type as instance views join them. */
export function typeOf({ properties }: ModelExtension): string {
  return `${properties.publisher ?? ""}.${properties.type ?? ""}`;
}

/** Extensions that AKS itself puts in: vmssCSE (by whichever publisher the OS needs) and everything of Microsoft.AKS. */
export function isAksOwn({ name, properties }: ModelExtension): boolean {
  return same(name, "vmssCSE") || same(properties.publisher, "Microsoft.AKS");
}

/** The cause by which this run is to fail, if it is. */
export function scriptedCause(
  { scripted }: Engine,
  set: ScaleSet,
  instance: Instance,
  extension: ModelExtension,
): FailExtension["cause"] | undefined {
  const script = scripted.find(
    ({ times, scaleSet, instanceId, type }) =>
      times > 0 &&
      (same(set.name, scaleSet) || same(set.id, scaleSet)) &&
      instanceId === instance.id &&
      (type === undefined ? !isAksOwn(extension) : same(type, typeOf(extension))),
  );
  if (script) script.times -= 1;
  return script?.cause;
}
