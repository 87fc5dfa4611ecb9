import { createHash } from "node:crypto";
import { unzipSync } from "fflate";
import type { ExtensionHandler, ExtensionResult } from "./arm/extensions.ts";
import { isRecord } from "./arm/http.ts";

/** The Microsoft.Powershell.DSC handler: checks its settings, downloads the package and reports as the real one does. */
export function createDscHandler(options: { durationMs: number }): ExtensionHandler {
  return {
    durationMs: options.durationMs,
    run: async ({ settings, protectedSettings, failure }) => {
      const configuration = isRecord(settings) ? settings["configuration"] : undefined;
      const { url, script, function: name } = texts(configuration);
      const { configurationUrlSasToken: token = "" } = texts(protectedSettings);
      const wrong = mistake({ url, script, name, token });
      if (wrong !== undefined) return failed(1100, `The DSC Extension received an incorrect input: ${wrong}`);
      if (failure === "package") return broken(name ?? "");
      if (failure === "download") return unresolved(url ?? "", token);
      return install({ url: url ?? "", script: script ?? "" }, token);
    },
  };
}

function texts(value: unknown): Partial<Record<string, string>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

/** The handler's own words on a combination that it refuses. */
function mistake(has: {
  url?: string | undefined;
  script?: string | undefined;
  name?: string | undefined;
  token: string;
}): string | undefined {
  if (!has.url && has.token) {
    return "protectedSettings.ConfigurationUrlSasToken requires that settings.configuration.url is specified";
  }
  if (!has.url) return needs(has.script ? "script" : "function", "url");
  if (!URL.canParse(has.url)) return `Configuration.url is '${has.url}'. This is not a valid URL`;
  if (!has.script) return needs("url", "script");
  if (!has.name) return needs("url", "function");
  return undefined;
}

function needs(a: string, b: string): string {
  return `settings.configuration.${a} requires that settings.configuration.${b} is specified`;
}

/** What is downloaded, and the script in it that is run. */
interface Configuration {
  readonly url: string;
  readonly script: string;
}

/** A 4xx is tried twice, a network failure 29 times (here once); the link with its secret is in the message. */
async function install({ url, script }: Configuration, token: string): Promise<ExtensionResult> {
  const from = `${url}${token}`;
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await fetch(from);
      const bytes = Buffer.from(await response.arrayBuffer());
      if (response.ok) return unpacked(bytes, { url, script });
      if (attempt === 2) return undownloaded(from, "2 attempts", `${response.status}: ${response.statusText}`);
    } catch {
      return unresolved(url, token);
    }
  }
}

/** The script is looked for at the zip's root; in what words its absence is told, nobody has recorded. */
function unpacked(bytes: Buffer, { url, script }: Configuration): ExtensionResult {
  const name = new URL(url).pathname.split("/").at(-1) ?? "";
  const files = unzip(bytes);
  if (!files) {
    const details = "End of Central Directory record could not be found.";
    return failed(1004, `Error unpacking '${name}'; verify this is a valid ZIP package. Error details: ${details}`);
  }
  if (!files.some((file) => file.toLowerCase() === script.toLowerCase())) {
    return failed(1000, `The DSC Extension failed to execute: '${name}' has no '${script}' at its root.`);
  }
  const log = "[LCM] VERBOSE: Operation 'Invoke CimMethod' complete. Time taken for configuration job to complete.";
  const installed = createHash("sha256").update(bytes).digest("hex");
  return { ok: true, message: "DSC configuration was applied successfully.", log, installed };
}

function unzip(bytes: Buffer): readonly string[] | undefined {
  try {
    return Object.keys(unzipSync(bytes));
  } catch {
    return undefined;
  }
}

function unresolved(url: string, token: string): ExtensionResult {
  const why = `The remote name could not be resolved: '${new URL(url).hostname}'`;
  return undownloaded(`${url}${token}`, "29 attempts", why);
}

function broken(name: string): ExtensionResult {
  const what =
    "MSFT_ScriptResource failed to execute Set-TargetResource functionality with error message: exit code 1603.";
  const first = `Following are the first few: PowerShell DSC resource ${what}`;
  return failed(1000, `DSC Configuration '${name}' completed with error(s). ${first}`);
}

function undownloaded(from: string, attempts: string, why: string): ExtensionResult {
  return failed(1000, `The DSC Extension failed to execute: Error downloading ${from} after ${attempts}: ${why}.`);
}

function failed(code: number, message: string): ExtensionResult {
  return { ok: false, code, message };
}
