import { type Call, type Node, type Source, all, at, calls } from "./powershell-tree.ts";

const BLOCKS = ["GetScript", "TestScript", "SetScript"];

/** What is wrong with a configuration's Script resources. */
export function checkConfiguration(source: Source): readonly string[] {
  const scripts = calls(source.root).filter(({ name }) => name === "Script");
  const outer = new Set(
    all(source.root, "variable")
      .filter((variable) => !isInside(variable, scripts))
      .map(({ text }) => text.slice(1).toLowerCase()),
  );
  return scripts.flatMap((script, index) => {
    const before = scripts.slice(0, index).filter(({ node }) => branchOf(node) === branchOf(script.node));
    const found = [...checkBlocks(script, outer), ...checkDependency(script, before)];
    return found.map((finding) => `${at(source, script.node)}: ${nameOf(script)} ${finding}`);
  });
}

function checkBlocks(script: Call, outer: ReadonlySet<string>): readonly string[] {
  const properties = calls(script.node).filter(({ name }) => BLOCKS.includes(name));
  const names = properties.map(({ name }) => name).toSorted();
  const findings =
    names.join() === BLOCKS.toSorted().join() ? [] : [`has ${names.join()}, not ${BLOCKS.join()} once each`];
  return properties.reduce<readonly string[]>((found, { name, node }) => {
    const body = all(node, "script_block_body")[0];
    if (!body) return [...found, `has an empty ${name}`];
    const own = checkVariables(body, outer).concat(name === "GetScript" ? checkGet(body) : checkCalled(body));
    return [...found, ...own.map((finding) => `${name} ${finding}`)];
  }, findings);
}

function checkVariables(body: Node, outer: ReadonlySet<string>): readonly string[] {
  return all(body, "variable").flatMap(({ text }) => {
    if (/^\$(?:true|false|null)$/i.test(text)) return [];
    const [, name] = /^\$using:(\w+)$/i.exec(text) ?? [];
    if (!name) return [`uses ${text}, which does not reach the node without $using:`];
    return outer.has(name.toLowerCase()) ? [] : [`uses ${text}, which the configuration does not have`];
  });
}

const checkGet = (body: Node): readonly string[] =>
  /^@\{ Result = [^;\n]+ \}$/.test(body.text.trim()) ? [] : ["does not return @{ Result = ... }"];

// The last statement is the one that gives the answer; without -Verbose the module would say nothing.
function checkCalled(body: Node): readonly string[] {
  const called = calls(body).filter(({ name }) => name !== "Import-Module");
  const findings = called.length === 1 ? [] : [`makes ${called.length} calls, not one`];
  return [
    ...findings,
    ...called.filter(({ parameters }) => !parameters.includes("verbose")).map(() => "lacks -Verbose"),
  ];
}

function checkDependency(script: Call, before: readonly Call[]): readonly string[] {
  const [dependsOn] = calls(script.node).filter(({ name }) => name === "DependsOn");
  if (!dependsOn) return before.length === 0 ? [] : ["depends on nothing, and is not the first"];
  const names = before.map((earlier) => `'[Script]${nameOf(earlier)}'`);
  const wanted = dependsOn.elements.at(-1)?.text ?? "";
  return names.includes(wanted) ? [] : [`depends on ${wanted}, which no earlier resource is`];
}

const nameOf = ({ elements }: Call): string => elements[0]?.text ?? "";

function branchOf(node: Node): number | undefined {
  let parent = node.parent;
  while (parent && parent.type !== "statement_block" && parent.type !== "script_block") parent = parent.parent;
  return parent?.id;
}

const isInside = (node: Node, scripts: readonly Call[]): boolean =>
  scripts.some(({ node: { startIndex, endIndex } }) => node.startIndex >= startIndex && node.endIndex <= endIndex);
