import type { ProjectTree } from "./project-tree.ts";

/** The folders of the project: any word of a command that starts with one of them is a path. */
const PATH =
  /(?<![\w./$}\\-])(?:\.\/)?((?:functions|shared|dsc|infra|test|docs|\.github|\.ci)\/(?:[\w.*/-]*[\w*])?)(?![\w$]|\{)/g;
const NPM_RUN = /\bnpm\s+(?:-\S+\s+)*(?:(?:run|run-script)\s+(?:-\S+\s+)*([\w:.-]+)|(test|start)\b)/g;
const NPX = /\bnpx\s+(?:-\S+\s+)*([@\w/.-]+)/g;
/** Matches only at the start of a command: `kubectl get node NAME` does not run Node. */
const RUN_FILE = /(?:^|[;&|(]|\bdo\b|\bthen\b)\s*(?:\w+=\S*\s+)*(?:node|bash|sh)\s+((?:-\S+\s+)*)([^\s;&|)]+)/gm;
/** Options that are followed by the text of a program instead of a file. */
const IS_TEXT = /(?:^|\s)(?:-\w*[cep]|--eval|--print)\s/;

/** Returns a sentence for each script, program and file that shell commands name and the project does not have. */
export function commandFaults(commands: string, tree: ProjectTree): readonly string[] {
  const text = commands.replaceAll(/\\\n\s*/g, " ").replaceAll(/(^|\s)#.*$/gm, "$1");
  return [
    ...[...text.matchAll(NPM_RUN)]
      .map(([, script, short]) => script ?? short ?? "")
      .filter((script) => !tree.scripts.has(script))
      .map((script) => `package.json has no script ${script}`),
    ...[...text.matchAll(NPX)]
      .map(([, program = ""]) => program)
      .filter((program) => !tree.programs.has(program))
      .map((program) => `no package in package-lock.json has a program ${program}`),
    ...[...new Set([...namedPaths(text, tree), ...runFiles(text)])]
      .filter((path) => !isThere(path, tree))
      .map((path) => `${path} does not exist`),
  ];
}

/** Returns the paths in commands. A path without an extension can be a prefix of paths, as in test filters. */
function namedPaths(text: string, { paths }: ProjectTree): readonly string[] {
  const isBeginning = (path: string): boolean =>
    !/\.\w+$/.test(path) && paths.values().some((each) => each.startsWith(path));
  return [...text.matchAll(PATH)].map(([, path = ""]) => path).filter((path) => !isBeginning(path));
}

/** Returns the files that Node or a shell runs, except variables and placeholders in capitals. */
function runFiles(text: string): readonly string[] {
  return [...text.matchAll(RUN_FILE)]
    .filter(([, options = ""]) => !IS_TEXT.test(options))
    .map(([, , file = ""]) => file.replaceAll(/["']/g, "").replace(/^\.\//, ""))
    .filter((file) => !/[$<]|^[-/~]|^[A-Z_]+$/.test(file));
}

/** Returns whether a path exists; `*` matches any part of a name. */
function isThere(path: string, tree: ProjectTree): boolean {
  const bare = path.replace(/\/$/, "");
  if (tree.paths.has(bare) || tree.isMade(bare)) return true;
  const pattern = new RegExp(`^${bare.replaceAll(/[^\w*/-]/g, "\\$&").replaceAll("*", "[^/]*")}$`);
  return path.includes("*") && tree.paths.values().some((each) => pattern.test(each));
}
