import type { Engine } from "./engine.ts";
import { type Instance, type ModelExtension, same, type ScaleSet } from "./world.ts";

/** The failures that can be scripted. With `agent`, the VM agent does not report; the handler reports the others. */
export const FAILURES = ["package", "node", "installer-busy", "not-healthy", "download", "agent"] as const;

/** A failure that the handler itself reports, with its own message. */
export type HandlerFailure = Exclude<(typeof FAILURES)[number], "agent">;

/** Makes the next runs of an extension on an instance fail; without a type, AKS's own extensions are not affected. */
export interface FailExtension {
  scaleSet: string;
  instanceId: string;
  /** "publisher.type"; if omitted, every foreign extension. */
  type?: string;
  cause: (typeof FAILURES)[number];
  times: number;
}

/** Returns publisher and type, joined as in instance views. */
export function typeOf({ properties }: ModelExtension): string {
  return `${properties.publisher ?? ""}.${properties.type ?? ""}`;
}

/** Returns whether the extension is vmssCSE, with which AKS makes a machine a node. */
export function isBootstrap({ name }: ModelExtension): boolean {
  return same(name, "vmssCSE");
}

/** Returns whether AKS itself adds the extension: vmssCSE, whose publisher depends on the OS, or one of Microsoft.AKS. */
export function isAksOwn(extension: ModelExtension): boolean {
  return isBootstrap(extension) || same(extension.properties.publisher, "Microsoft.AKS");
}

/** Returns the cause of this run's scripted failure, if any. */
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
