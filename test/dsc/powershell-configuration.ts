import { callsOf, readSource } from "./powershell-text.ts";

// In this configuration, the end of a resource or block has the same indentation as its start.
const RESOURCE = /^( *)Script (\w+) \{\n([^]*?)\n\1\}$/gm;
const PROPERTY = /^ *(\w+) = (.*)$/gm;
const BLOCK = /^( *)(\w+Script) = \{( .*|\n[^]*?\n\1)\}$/gm;
const BLOCKS = "GetScript SetScript TestScript";

/** Returns the violations in a configuration's Script resources. */
export function checkConfiguration(text: string): readonly string[] {
  const bare = text.replace(/^\s*#.*\n/gm, "");
  const outer = new Set(Array.from(bare.replace(RESOURCE, "").matchAll(/\$(\w+)/g), ([, name = ""]) => name));
  const found = bare.match(RESOURCE)?.length === bare.match(/\bScript \w+ \{/g)?.length;
  // Each branch, for Ensure Present and Absent, has its own list.
  const branches = bare.split(/^ *else \{$/m).map((branch) => Array.from(branch.matchAll(RESOURCE)));
  return [
    ...(found ? [] : ["the end of a Script resource is not aligned with its start"]),
    ...branches.flatMap((branch) =>
      branch.flatMap(([, , name, body = ""], index) => {
        const earlier = branch.slice(0, index).map(([, , before]) => `'[Script]${before}'`);
        return [...checkDependency(body, earlier), ...checkBlocks(body, outer)].map((what) => `${name} ${what}`);
      }),
    ),
  ];
}

function checkDependency(body: string, earlier: readonly string[]): readonly string[] {
  const found = Array.from(body.matchAll(PROPERTY)).find(([, name]) => name === "DependsOn");
  if (!found) return earlier.length === 0 ? [] : ["has no DependsOn, although it is not the first"];
  return earlier.includes(found[2] ?? "") ? [] : [`depends on ${found[2]}, which no earlier resource is`];
}

function checkBlocks(body: string, outer: ReadonlySet<string>): readonly string[] {
  const blocks = Array.from(body.matchAll(BLOCK), ([, , name = "", block = ""]) => ({ name, block: block.trim() }));
  const names = blocks.map(({ name }) => name).toSorted();
  return [
    ...(names.join(" ") === BLOCKS ? [] : [`has ${names.join(" ")}, not ${BLOCKS}`]),
    ...blocks.flatMap(({ name, block }) => {
      const findings = name === "GetScript" ? checkGet(block) : checkCalled(block);
      return [...checkVariables(block, outer), ...findings].map((finding) => `${name} ${finding}`);
    }),
  ];
}

function checkVariables(block: string, outer: ReadonlySet<string>): readonly string[] {
  return Array.from(block.matchAll(/\$(using:)?(\w+)/g)).flatMap(([variable, using, name = ""]) => {
    if (/^(?:true|false|null)$/.test(name)) return [];
    if (!using) return [`uses ${variable}, which does not reach the node without $using:`];
    return outer.has(name) ? [] : [`uses ${variable}, which the configuration does not have`];
  });
}

const checkGet = (block: string): readonly string[] =>
  /^@\{ Result = [^;\n]+ \}$/.test(block) ? [] : ["does not return @{ Result = ... }"];

// The last statement returns the result; without -Verbose, the module writes no verbose output.
function checkCalled(block: string): readonly string[] {
  const called = callsOf(readSource("", block).code).filter(({ name }) => name !== "Import-Module");
  return [
    ...(called.length === 1 ? [] : [`makes ${called.length} calls, not one`]),
    ...called.filter(({ parameters }) => !parameters.includes("verbose")).map(() => "lacks -Verbose"),
  ];
}
