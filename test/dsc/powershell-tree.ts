import { createRequire } from "node:module";
import { Language, type Node, Parser } from "web-tree-sitter";

export type { Node } from "web-tree-sitter";

/** A PowerShell text, parsed. */
export interface Source {
  readonly name: string;
  readonly text: string;
  readonly root: Node;
}

/** A function: its parameters in lower case, and which of them a call must give. */
export interface Definition {
  readonly name: string;
  readonly node: Node;
  readonly parameters: readonly string[];
  readonly mandatory: readonly string[];
}

/** A call: its words without the name. */
export interface Call {
  readonly name: string;
  readonly node: Node;
  readonly elements: readonly Node[];
  /** Names of parameters, in lower case and without the dash. */
  readonly parameters: readonly string[];
}

const require = createRequire(import.meta.url);
const grammar = require.resolve("tree-sitter-powershell/tree-sitter-powershell.wasm");

/** A parser of PowerShell texts. Its trees live as long as the process. */
export async function openParser(): Promise<(name: string, text: string) => Source> {
  await Parser.init();
  const parser = new Parser();
  parser.setLanguage(await Language.load(grammar));
  return (name, text) => {
    const tree = parser.parse(text);
    if (!tree) throw new Error(`${name} was not parsed.`);
    return { name, text, root: tree.rootNode };
  };
}

/** All nodes of a type below a node. */
export const all = (node: Node, type: string): readonly Node[] =>
  node.descendantsOfType(type).filter((found) => found !== null);

/** Where a node stands, as an editor says it. */
export const at = ({ name }: Source, { startPosition }: Node): string => `${name}:${startPosition.row + 1}`;

/** The calls below a node by a plain name. */
export function calls(node: Node): readonly Call[] {
  return all(node, "command").flatMap((command) => {
    const [name] = all(command, "command_name");
    if (!name || name.parent?.id !== command.id) return [];
    const elements = command.children
      .filter((child) => child?.type === "command_elements")
      .flatMap((child) => child?.children ?? [])
      .filter((child) => child !== null && child.type !== "command_argument_sep");
    const named = elements.filter(({ type }) => type === "command_parameter");
    const parameters = named.map(({ text }) => text.slice(1).replace(/:$/, "").toLowerCase());
    return [{ name: name.text, node: command, elements, parameters }];
  });
}

/** The functions that a source defines. */
export function definitions({ root }: Source): readonly Definition[] {
  return all(root, "function_statement").map((node) => {
    const [block] = all(node, "param_block");
    const declared = block ? all(block, "script_parameter") : [];
    return {
      name: all(node, "function_name")[0]?.text ?? "",
      node,
      parameters: declared.map(nameOf),
      mandatory: declared.filter(isMandatory).map(nameOf),
    };
  });
}

const isMandatory = ({ text }: Node): boolean => /\[Parameter\([^)]*\bMandatory\b/i.test(text);

// The last variable: those before it stand in attributes.
const nameOf = (parameter: Node): string =>
  (parameter.children.findLast((child) => child?.type === "variable")?.text ?? "").slice(1).toLowerCase();
