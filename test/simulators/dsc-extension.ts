import { createHash } from "node:crypto";
import { unzipSync } from "fflate";
import type { ExtensionHandler, ExtensionResult } from "./arm/extensions.ts";
import { isRecord } from "./arm/http.ts";

/** Creates the Microsoft.Powershell.DSC handler. Like the real one, it checks settings, downloads, and reports. */
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

/** Returns the real handler's message about an invalid combination of settings. */
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

/** The URL of the package, and the script to run. */
interface Configuration {
  readonly url: string;
  readonly script: string;
}

/** The real handler tries a 4xx twice and a network failure 29 times (once here), and reports the link with its secret. */
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

/** The handler runs the script at the root of the zip. Its message about a missing script has not been recorded. */
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
