import { existsSync, readFileSync } from "node:fs";
import type { Azure, Call } from "./azure.ts";

/** An error that a tool reports: one line on standard error, and exit code 1. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

interface Command {
  readonly must?: readonly string[];
  readonly may?: readonly string[];
  /** Maximum number of arguments after the command that are not options, for example file names. */
  readonly words?: number;
  readonly run: (azure: Azure, call: Call, words: readonly string[]) => string;
}

/** The commands of a tool, by name. */
export type Tool = Readonly<Record<string, Command>>;

/** Parses a call. Throws if the tool does not have the command, or the command does not have an option. */
export function parseCall(name: string, tool: Tool, args: readonly string[]) {
  const words = args.filter((arg, i) => !arg.startsWith("-") && !isValue(args, i));
  const command = Object.keys(tool).find((each) => words.join(" ").startsWith(each));
  if (command === undefined) throw new Error(`${name}: unknown command: ${args.join(" ")}`);
  const { must = [], may = [], words: most = 0 } = tool[command] ?? { run: () => "" };
  const rest = words.slice(command.split(" ").length);
  if (rest.length > most) throw new Error(`${name} ${command}: unexpected: ${rest.join(" ")}`);
  const options = optionsOf(args);
  const given = Object.keys(options);
  const strange = given.filter((each) => !must.includes(each) && !may.includes(each));
  if (strange.length > 0) throw new Error(`${name} ${command}: unknown option --${strange.join(", --")}`);
  const missing = must.filter((each) => !given.includes(each) || options[each]?.join("") === "");
  if (missing.length > 0) throw new Error(`${name} ${command}: missing --${missing.join(", --")}`);
  return { command, options, rest };
}

/** Options of all tools that have no value. */
const FLAGS = ["--include-inherited", "--no-build", "--javascript", "--silent", "--ignore-not-found", "--no-prompt"];

function isValue(args: readonly string[], i: number): boolean {
  for (let at = i - 1; at >= 0; at -= 1) {
    const before = args[at] ?? "";
    if (before.startsWith("--")) {
      return !FLAGS.includes(before) && (at === i - 1 || before === "--exclude-change-types");
    }
  }
  return false;
}

function optionsOf(args: readonly string[]): Record<string, string[]> {
  const options: Record<string, string[]> = {};
  let current: string[] | undefined;
  for (const [i, arg] of args.entries()) {
    if (arg.startsWith("--")) options[arg.slice(2)] = current = [];
    else if (arg === "-" || isValue(args, i)) current?.push(arg);
  }
  return options;
}

/** Returns the first value of an option. */
export function one({ options }: Call, name: string): string {
  return options[name]?.[0] ?? "";
}

/** Reads a file that an option names, relative to the working directory of the call. */
export function readNamed(call: Call, name: string): string {
  const file = one(call, name);
  if (!existsSync(file)) throw new Refusal(`${file} does not exist`);
  return readFileSync(file, "utf8");
}
