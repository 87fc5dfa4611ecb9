import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { type ParseArgsConfig, parseArgs } from "node:util";
import { textIn } from "../shared/model/json.ts";

/** An invalid command line. The usage is shown with the message. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Parses a command line; throws a {@link UsageError} for an unknown option, and for one whose value is missing or empty. */
export function parseOptions<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  const parsed = parse(config);
  const empty = Object.entries(parsed.values).find(([, value]) => value === "");
  if (empty) throw new UsageError(`--${empty[0]} is empty`);
  return parsed;
}

function parse<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Returns the text of a required option. */
export function required(value: string | undefined, option: string): string {
  if (value === undefined) throw new UsageError(`${option} is missing`);
  return value;
}

/** Reads a file that an option names; throws an error that names the option. */
export function readFor(option: string, path: string): Buffer {
  return namingOption(option, `${path} cannot be read`, () => readFileSync(path));
}

/** Writes a file that an option names; throws an error that names the option. */
export function writeFor(option: string, path: string, content: string | Buffer): void {
  namingOption(option, `${path} cannot be written`, () => writeFileSync(path, content));
}

/** Makes a folder that an option names; throws an error that names the option. */
export function makeFolderFor(option: string, path: string): void {
  namingOption(option, `${path} cannot be made`, () => mkdirSync(path, { recursive: true }));
}

/** Returns what `work` returns, which uses a path that an option names; throws an error that names the option. */
export function namingOption<T>(option: string, what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw pathError(option, what, error);
  }
}

/** Returns the error of a path that an option names. */
export function pathError(option: string, what: string, error: unknown): Error {
  return new Error(`${option}: ${what} (${textIn(error, "code") ?? String(error)})`, { cause: error });
}
