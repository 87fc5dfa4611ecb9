import { spawnSync } from "node:child_process";

/** A call of the Azure CLI that failed, with what the CLI said. */
export class AzError extends Error {
  override readonly name = "AzError";
}

/** The options of a command, by their names without the dashes; `true` for one that has no value. */
type Options = Readonly<Record<string, string | true>>;

/** What the Azure CLI answers to a command that reads: JSON. */
export function askAz(command: string, options: Options): string {
  const given = Object.entries(options).flatMap(([name, value]) => [`--${name}`, ...(value === true ? [] : [value])]);
  const args = [...command.split(" "), ...given, "--output", "json"];
  const { error, status, stdout, stderr } = runTool("az", args);
  if (error) throw new AzError(`az can't be started: ${error.message}`, { cause: error });
  if (status !== 0) throw new AzError(`az ${args.join(" ")}\n${stderr.trim()}`);
  return stdout;
}

/** On Windows az is a batch file: only a shell starts those, and the arguments are then for us to quote. */
function runTool(tool: string, args: readonly string[]) {
  const isWindows = process.platform === "win32";
  const quoted = isWindows ? args.map((arg) => `"${arg}"`) : args;
  return spawnSync(tool, quoted, { encoding: "utf8", shell: isWindows, maxBuffer: 64 * 1024 * 1024 });
}
