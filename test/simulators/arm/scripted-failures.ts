import type { Engine, Site } from "./engine.ts";
import type { ExtensionResult } from "./extensions.ts";
import { isRecord } from "./http.ts";
import { isNamed, same } from "./world.ts";
import type { ModelExtension } from "./world.ts";

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
  engine: Engine,
  site: Site,
  extension: ModelExtension,
): FailExtension["cause"] | undefined {
  const script = engine.scripted.find(
    (s) =>
      s.times > 0 &&
      isNamed(site.scaleSet, s.scaleSet) &&
      s.instanceId === site.instance.id &&
      (s.type === undefined ? !isAksOwn(extension) : same(s.type, typeOf(extension))),
  );
  if (!script) return undefined;
  script.times -= 1;
  return script.cause;
}

/** The failure in the handler's own words; the download's names the whole link, as the real handler prints it. */
export function scriptedResult(cause: FailExtension["cause"], { properties }: ModelExtension): ExtensionResult {
  const configuration = member(properties.settings, "configuration");
  if (cause === "package") {
    const name = text(member(configuration, "function")) || "Configuration";
    const message =
      `DSC Configuration '${name}' completed with error(s). Following are the first few: PowerShell DSC resource ` +
      "MSFT_ScriptResource failed to execute Set-TargetResource functionality with error message: exit code 1603.";
    return { ok: false, code: 1000, message };
  }
  const url = text(member(configuration, "url"));
  const token = text(member(properties.protectedSettings, "configurationUrlSasToken"));
  const host = URL.canParse(url) ? new URL(url).hostname : "";
  const message =
    "The DSC Extension failed to execute: " +
    `Error downloading ${url}${token} after 29 attempts: The remote name could not be resolved: '${host}'.`;
  return { ok: false, code: 1000, message };
}

function member(value: unknown, key: string): unknown {
  return isRecord(value) ? value[key] : undefined;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
