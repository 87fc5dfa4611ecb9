import type { World } from "../world.ts";

/** An option: it must be given, can be given, has no value, must or can be given with one or more values. */
type Option = "required" | "optional" | "flag" | "list" | "values";

/** A command of the Azure CLI. Each also has `--subscription`, `--query` and `--output`. */
interface AzCommand {
  readonly options: Readonly<Record<string, Option>>;
  /** Returns the output, before `--query`. */
  readonly run: (call: AzCall) => Promise<unknown>;
}

/** The commands by name, without `az`. */
export type AzCommands = Readonly<Record<string, AzCommand>>;

/** One call of a command. */
export interface AzCall {
  readonly world: World;
  readonly options: ReadonlyMap<string, readonly string[]>;
  /** The working directory, to which the names of files are relative. */
  readonly folder: string;
  /** The user's home directory. */
  readonly home: string;
  /** The app settings that were set, by name. */
  readonly appSettings: Record<string, string>;
}

/** Ends a command with a message on standard error: with exit code 2 if the usage is wrong, else with 1. */
export class AzError extends Error {
  override readonly name = "AzError";
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

const GLOBAL = { subscription: "optional", query: "optional", output: "optional" } as const;

/** How many values an option has, at least and at most. */
const VALUES: Readonly<Record<Option, readonly [number, number]>> = {
  required: [1, 1],
  optional: [1, 1],
  flag: [0, 0],
  list: [1, Infinity],
  values: [1, Infinity],
};

/** Returns the command that the arguments name, with its options; throws an error with exit code 2 for wrong usage. */
export function parseCommand(commands: AzCommands, args: readonly string[]) {
  const first = args.findIndex((arg) => arg.startsWith("-"));
  const words = first === -1 ? args : args.slice(0, first);
  const command = commands[words.join(" ")];
  if (!command) throw new AzError(`'${words.join(" ")}' is misspelled or not recognized by the system.`, 2);
  const options = new Map<string, string[]>();
  let values: string[] = [];
  for (const arg of args.slice(words.length)) {
    if (arg.startsWith("--")) options.set(arg.slice(2), (values = []));
    else values.push(arg);
  }
  check(command, options);
  return { command, options };
}

function check(command: AzCommand, given: ReadonlyMap<string, readonly string[]>): void {
  const known: AzCommand["options"] = { ...command.options, ...GLOBAL };
  const unknown = [...given.keys()].filter((name) => !Object.hasOwn(known, name));
  if (unknown.length > 0) throw new AzError(`unrecognized arguments: ${named(unknown)}`, 2);
  const missing = Object.keys(known).filter((name) => /required|list/.test(known[name] ?? "") && !given.has(name));
  if (missing.length > 0) throw new AzError(`the following arguments are required: ${named(missing)}`, 2);
  for (const [name, { length }] of given) {
    const [least, most] = VALUES[known[name] ?? "flag"];
    if (length < least || length > most) throw new AzError(`argument --${name}: found ${length} values`, 2);
  }
}

function named(options: readonly string[]): string {
  return options.map((name) => `--${name}`).join(", ");
}

/** Returns the value of an option; an empty string if it is not given. */
export function one({ options }: AzCall, name: string): string {
  return options.get(name)?.[0] ?? "";
}

/** Returns the value of an option that has only some values; throws an error with exit code 2 for others. */
export function choice<T extends string>(call: AzCall, name: string, choices: readonly T[]): T {
  const found = choices.find((each) => each === one(call, name));
  if (found !== undefined) return found;
  const allowed = choices.join(", ");
  throw new AzError(`argument --${name}: '${one(call, name)}' is not a valid value. Allowed values: ${allowed}.`, 2);
}
