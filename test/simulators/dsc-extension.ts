import { createHash } from "node:crypto";
import { unzipSync } from "fflate";
import type { ExtensionHandler, ExtensionResult } from "./arm/extensions.ts";
import { isRecord } from "./arm/http.ts";
import { failedRun, findBindingFault, type Run, successLog } from "./dsc-configuration.ts";

/**
 * Creates the Microsoft.Powershell.DSC handler. Like the real one, it checks settings, downloads, binds the arguments to
 * the configuration, and reports the result with the log of the Local Configuration Manager.
 */
export function createDscHandler(options: { durationMs: number }): ExtensionHandler {
  return {
    durationMs: options.durationMs,
    run: async ({ settings, protectedSettings, failure, instance }) => {
      const configuration = isRecord(settings) ? settings["configuration"] : undefined;
      const { url, script, function: name } = texts(configuration);
      const { configurationUrlSasToken: token = "" } = texts(protectedSettings);
      const wrong = mistake({ url, script, name, token });
      if (wrong !== undefined) return failed(1100, `The DSC Extension received an incorrect input: ${wrong}`);
      if (failure === "download") return unresolved(url ?? "", token);
      const computer = `${instance.scaleSet}-${instance.id}`.toUpperCase();
      const run = { name: name ?? "", args: argumentsOf(settings), computer };
      if (failure !== undefined) return { ok: false, code: 1000, ...failedRun(failure, run) };
      return install({ url: url ?? "", script: script ?? "", run }, token);
    },
  };
}

function argumentsOf(settings: unknown): Run["args"] {
  const args = isRecord(settings) ? settings["configurationArguments"] : undefined;
  return isRecord(args) ? args : {};
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

/** The URL of the package, the script in it, and the run of its configuration. */
interface Configuration {
  readonly url: string;
  readonly script: string;
  readonly run: Run;
}

/** The real handler tries a 4xx twice and a network failure 29 times (once here), and reports the link with its secret. */
async function install({ url, script, run }: Configuration, token: string): Promise<ExtensionResult> {
  const from = `${url}${token}`;
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await fetch(from);
      const bytes = Buffer.from(await response.arrayBuffer());
      if (response.ok) return unpacked(bytes, { url, script, run });
      if (attempt === 2) return undownloaded(from, "2 attempts", `${response.status}: ${response.statusText}`);
    } catch {
      return unresolved(url, token);
    }
  }
}

/** The handler runs the script at the root of the zip. Its message about a missing script has not been recorded. */
function unpacked(bytes: Buffer, { url, script, run }: Configuration): ExtensionResult {
  const name = new URL(url).pathname.split("/").at(-1) ?? "";
  const files = unzip(bytes);
  if (!files) {
    const details = "End of Central Directory record could not be found.";
    return failed(1004, `Error unpacking '${name}'; verify this is a valid ZIP package. Error details: ${details}`);
  }
  const text = files.get(script.toLowerCase());
  if (text === undefined) {
    return failed(1000, `The DSC Extension failed to execute: '${name}' has no '${script}' at its root.`);
  }
  const fault = findBindingFault(text, run.args);
  if (fault !== undefined) return failed(1000, `The DSC Extension failed to execute: ${fault}`);
  const log = successLog(run);
  const isRemoved = run.args["Ensure"] === "Absent";
  const installed = isRemoved ? "" : createHash("sha256").update(bytes).digest("hex");
  return { ok: true, message: "DSC configuration was applied successfully.", log, installed };
}

/** Returns the texts of the files in a zip, by their path in lower case; undefined if it is no zip. */
function unzip(bytes: Buffer): ReadonlyMap<string, string> | undefined {
  try {
    const files = Object.entries(unzipSync(bytes));
    return new Map(files.map(([path, content]) => [path.toLowerCase(), Buffer.from(content).toString()]));
  } catch {
    return undefined;
  }
}

function unresolved(url: string, token: string): ExtensionResult {
  const why = `The remote name could not be resolved: '${new URL(url).hostname}'`;
  return undownloaded(`${url}${token}`, "29 attempts", why);
}

function undownloaded(from: string, attempts: string, why: string): ExtensionResult {
  return failed(1000, `The DSC Extension failed to execute: Error downloading ${from} after ${attempts}: ${why}.`);
}

function failed(code: number, message: string): ExtensionResult {
  return { ok: false, code, message };
}
