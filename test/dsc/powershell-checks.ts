import { COMMANDS, DSC_WORDS, MEMBERS, VERBS } from "./powershell-commands.ts";
import { type Call, type Definition, type Node, type Source, all, at, calls, definitions } from "./powershell-tree.ts";

const COMMON = new Set(["verbose", "erroraction", "whatif", "confirm"]);
const STATE_CHANGING = /^(?:New|Set|Remove|Start|Stop|Restart|Reset|Update)-/i;

/** What of a source's text or words is refused, whatever else is in the package: the nodes, and why. */
type Rule = readonly [why: string, nodes: (source: Source) => readonly Node[]];

const RULES: readonly Rule[] = [
  ["does not parse as PowerShell 5.1", ({ root }) => (root.hasError ? [root] : [])],
  ["holds a character that is not ASCII", ({ root, text }) => (/[^\t\n\r\x20-\x7E]/.test(text) ? [root] : [])],
  ["5.1 has no && and no ||", ({ root }) => all(root, "pipeline_chain_tail")],
  [
    "5.1 has no escapes `e and `u{}",
    ({ root }) =>
      [...all(root, "expandable_string_literal"), ...all(root, "expandable_here_string_literal")].filter(({ text }) =>
        /(?<!`)(?:``)*`(?:e|u\{)/.test(text),
      ),
  ],
  [
    "uses what is in no table of .NET Framework's members",
    ({ root }) =>
      all(root, "type_literal")
        .flatMap(({ parent }) => (parent && /^\[[\w.]+\]::/.test(parent.text) ? [parent] : []))
        .filter(({ text }) => !MEMBERS.has(/^[^:]+::\w+/.exec(text)?.[0] ?? "")),
  ],
  // The module dot-sources its own files by Join-Path.
  [
    "calls what no reader can tell",
    ({ root }) =>
      all(root, "command_invokation_operator").filter(({ parent }) => !/^\.\s*\(Join-Path /.test(parent?.text ?? "")),
  ],
  ["reboots the node", ({ root }) => all(root, "variable").filter(({ text }) => /DSCMachineStatus/i.test(text))],
  [
    "reboots the node",
    ({ root }) =>
      calls(root)
        .filter(({ name, elements }) => /^RebootNodeIfNeeded$/i.test(name) && elements.at(-1)?.text !== "$false")
        .map(({ node }) => node),
  ],
  [
    "an empty catch",
    ({ root }) => all(root, "catch_clause").filter((clause) => all(clause, "statement_list").length === 0),
  ],
];

type FunctionRule = readonly [why: string, isBroken: (definition: Definition) => boolean];

const FUNCTION_RULES: readonly FunctionRule[] = [
  ["is not named by an approved verb", ({ name }) => !VERBS.has(name.split("-")[0] ?? "")],
  ["has a plural noun", ({ name }) => /[^s]s$/.test(name)],
  ["has no comment-based help", ({ node }) => !/<#\s+\.SYNOPSIS\s+[^\s#]/.test(node.text)],
  ["has no CmdletBinding", ({ node }) => !node.text.includes("[CmdletBinding(")],
  [
    "changes state without ShouldProcess",
    ({ name, node }) =>
      STATE_CHANGING.test(name) && !/SupportsShouldProcess[^]*\$PSCmdlet\.ShouldProcess\(/.test(node.text),
  ],
  ["has more than 50 lines", ({ node }) => linesOf(node) > 50],
  ["does not use a parameter", ({ node, parameters }) => parameters.some((parameter) => usesOf(node, parameter) < 2)],
];

const linesOf = ({ text }: Node): number =>
  text
    .replace(/<#[^]*?#>/g, "")
    .split("\n")
    .filter((line) => /^\s*[^\s#]/.test(line)).length;

const usesOf = (node: Node, parameter: string): number =>
  all(node, "variable").filter(({ text }) => text.slice(1).toLowerCase() === parameter).length;

/** What is wrong with one source by itself. */
export function checkSource(source: Source): readonly string[] {
  const found = RULES.flatMap(([why, nodes]) => nodes(source).map((node) => `${at(source, node)}: ${why}`));
  const broken = definitions(source).flatMap((definition) =>
    FUNCTION_RULES.filter(([, isBroken]) => isBroken(definition)).map(
      ([why]) => `${at(source, definition.node)}: ${definition.name} ${why}`,
    ),
  );
  return [...found, ...broken];
}

/** What is wrong with the calls of sources: unknown commands, parameters that do not exist, missing or unnamed ones. */
export function checkCalls(
  sources: readonly Source[],
  functions: ReadonlyMap<string, Definition>,
  others: ReadonlySet<string> = DSC_WORDS,
): readonly string[] {
  return sources.flatMap((source) =>
    calls(source.root).flatMap((call) => {
      if (others.has(call.name)) return [];
      const definition = functions.get(call.name);
      const known = definition !== undefined || COMMANDS.has(call.name);
      const findings = known ? checkCall(call, definition) : ["is no function here, and in no table of 5.1's commands"];
      return findings.map((finding) => `${at(source, call.node)}: ${call.name} ${finding}`);
    }),
  );
}

function checkCall({ name, elements, parameters }: Call, definition: Definition | undefined): readonly string[] {
  const findings: string[] = [];
  const isSplat = elements.some(({ text }) => text.startsWith("@") && !/^@[({]/.test(text));
  elements.forEach((element, index) => {
    const isNamed = element.type === "command_parameter" || elements[index - 1]?.type === "command_parameter";
    if (!isNamed && !isSplat && element.type !== "redirection") findings.push(`takes '${element.text}' without a name`);
  });
  const known = definition?.parameters ?? COMMANDS.get(name)?.parameters.split(" ") ?? [];
  for (const parameter of parameters) {
    if (!known.includes(parameter) && !COMMON.has(parameter)) findings.push(`has no -${parameter}`);
  }
  if (!definition) return findings;
  const missing = isSplat ? [] : definition.mandatory.filter((parameter) => !parameters.includes(parameter));
  return [...findings, ...missing.map((parameter) => `wants -${parameter}`)];
}

/** The functions that sources define, by name; and those that none of the sources calls, other than the entries. */
export function checkFunctions(
  sources: readonly Source[],
  entries: ReadonlySet<string>,
): { readonly functions: ReadonlyMap<string, Definition>; readonly findings: readonly string[] } {
  const found = sources.flatMap((source) => definitions(source));
  const functions = new Map(found.map((definition) => [definition.name, definition]));
  const called = new Set(sources.flatMap(({ root }) => calls(root).map(({ name }) => name)));
  const unused = [...functions.keys()].filter((name) => !called.has(name) && !entries.has(name));
  const missing = [...entries].filter((name) => !functions.has(name));
  return {
    functions,
    findings: [...unused.map((name) => `${name} is never called`), ...missing.map((name) => `${name} is not defined`)],
  };
}
