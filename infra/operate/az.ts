import { spawnSync } from "node:child_process";

/** A failed command of the Azure CLI, with its error output. */
export class AzError extends Error {
  override readonly name = "AzError";
}

/** Options of a command, by name without the dashes; `true` for an option without a value. */
type Options = Readonly<Record<string, string | true>>;

/** Runs a read-only command of the Azure CLI and returns its JSON output. Throws an `AzError` if it fails. */
export function askAz(command: string, options: Options): string {
  const given = Object.entries(options).flatMap(([name, value]) => [`--${name}`, ...(value === true ? [] : [value])]);
  const args = [...command.split(" "), ...given, "--output", "json"];
  const { error, status, stdout, stderr } = runTool("az", args);
  if (error) {
    throw new AzError(
      `The Azure CLI (az) cannot be started: ${error.message}. Install it (https://aka.ms/azure-cli), or add it to PATH.`,
      { cause: error },
    );
  }
  if (status !== 0) throw new AzError(`The command failed: az ${args.join(" ")}\n${stderr.trim()}`);
  return stdout;
}

/** Uses a shell on Windows, where az is a batch file, and quotes the arguments for it. */
function runTool(tool: string, args: readonly string[]) {
  const isWindows = process.platform === "win32";
  const quoted = isWindows ? args.map((arg) => `"${arg}"`) : args;
  return spawnSync(tool, quoted, { encoding: "utf8", shell: isWindows, maxBuffer: 64 * 1024 * 1024 });
}
