import { redact } from "../shared/model/redact.ts";
import { explain } from "./explain.ts";
import { UsageError } from "./option.ts";

/** What a command did. */
export interface CommandResult {
  readonly lines: readonly string[];
  /** The same for `--json`. */
  readonly json: object;
  /** What a person should know or do next, for the standard error output. */
  readonly notes?: readonly string[];
  readonly exitCode?: number;
}

const COMMON = `
  --json              print one JSON object instead of lines; of an error, {"error": "..."}
  --help              print this text

Progress and errors are on the standard error output. Exit codes:

  0    done, or there was nothing to do
  1    an input was refused, a check failed, or another publisher was faster
  2    the command line is wrong
  3    the network, the storage account or the sign-in failed: later, the same command can succeed
  130  stopped by Ctrl-C (143 by SIGTERM, 129 by SIGHUP); no partial file is left behind`;

const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Writes a line to the standard output. */
function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Writes a progress line to the standard error output. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/**
 * Runs a command with the arguments of this process, prints its result, and sets the exit code.
 * @param onStop What a person should know if a signal stops the command.
 */
export async function runCommand(
  usage: string,
  run: (args: string[]) => Promise<CommandResult>,
  onStop = "nothing was changed",
): Promise<void> {
  const given = process.argv.slice(2);
  if (given.includes("--help") || given.includes("-h")) return say(`${usage}\n${COMMON}`);
  const isJson = given.includes("--json");
  endOnSignals(onStop);
  const args = given.filter((arg) => arg !== "--json");
  const { lines, json, notes, exitCode } = await run(args).catch((error: unknown) => failed(error, usage));
  for (const line of isJson ? [JSON.stringify(json, undefined, 2)] : lines) say(line);
  for (const line of notes ?? []) tell(line);
  process.exitCode = exitCode ?? 0;
}

function failed(error: unknown, usage: string): CommandResult {
  const { message, exitCode } = explain(error);
  const safe = redact(message);
  const notes = error instanceof UsageError ? [safe, `\n${usage}\n${COMMON}`] : [safe];
  return { lines: [], json: { error: safe }, notes, exitCode };
}

/** Ends the process at once, so that nothing more is written. */
function endOnSignals(onStop: string): void {
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.once(signal, () => {
      tell(`stopped by ${signal}: ${onStop}`);
      process.exit(code);
    });
  }
}
