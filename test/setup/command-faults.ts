import type { ProjectTree } from "./project-tree.ts";

/** The folders of the project: a word that begins with one of them is a path, wherever it stands in a command. */
const PATH =
  /(?<![\w./$}\\-])(?:\.\/)?((?:functions|shared|dsc|infra|test|docs|\.github|\.ci)\/(?:[\w.*/-]*[\w*])?)(?![\w$]|\{)/g;
const NPM_RUN = /\bnpm\s+(?:-\S+\s+)*(?:(?:run|run-script)\s+(?:-\S+\s+)*([\w:.-]+)|(test|start)\b)/g;
const NPX = /\bnpx\s+(?:-\S+\s+)*([@\w/.-]+)/g;
/** Only where a command begins: `kubectl get node NAME` runs no Node. */
const RUN_FILE = /(?:^|[;&|(]|\bdo\b|\bthen\b)\s*(?:\w+=\S*\s+)*(?:node|bash|sh)\s+((?:-\S+\s+)*)([^\s;&|)]+)/gm;
/** Options after which comes no file but the text of a program. */
const IS_TEXT = /(?:^|\s)(?:-\w*[cep]|--eval|--print)\s/;

/** What shell commands name and the project does not have: scripts, programs and files, each in a sentence. */
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
      .map((program) => `no package of package-lock.json has a program ${program}`),
    ...[...new Set([...namedPaths(text, tree), ...runFiles(text)])]
      .filter((path) => !isThere(path, tree))
      .map((path) => `there is no ${path}`),
  ];
}

/** What has no extension may be the beginning of paths: so test filters are. */
function namedPaths(text: string, { paths }: ProjectTree): readonly string[] {
  const isBeginning = (path: string): boolean =>
    !/\.\w+$/.test(path) && paths.values().some((each) => each.startsWith(path));
  return [...text.matchAll(PATH)].map(([, path = ""]) => path).filter((path) => !isBeginning(path));
}

/** What Node or a shell is to run, but for what a variable or a placeholder in capitals stands for. */
function runFiles(text: string): readonly string[] {
  return [...text.matchAll(RUN_FILE)]
    .filter(([, options = ""]) => !IS_TEXT.test(options))
    .map(([, , file = ""]) => file.replaceAll(/["']/g, "").replace(/^\.\//, ""))
    .filter((file) => !/[$<]|^[-/~]|^[A-Z_]+$/.test(file));
}

/** A path may be a pattern, in which `*` stands for a part of a name. */
function isThere(path: string, tree: ProjectTree): boolean {
  const bare = path.replace(/\/$/, "");
  if (tree.paths.has(bare) || tree.isMade(bare)) return true;
  const pattern = new RegExp(`^${bare.replaceAll(/[^\w*/-]/g, "\\$&").replaceAll("*", "[^/]*")}$`);
  return path.includes("*") && tree.paths.values().some((each) => pattern.test(each));
}
