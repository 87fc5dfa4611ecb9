import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ignore, { type Ignore } from "ignore";

/** The files and folders (by path from the root, with `/`), npm scripts and programs that pages and workflows can name. */
export interface ProjectTree {
  readonly paths: ReadonlySet<string>;
  readonly scripts: ReadonlySet<string>;
  readonly programs: ReadonlySet<string>;
  /** Returns whether commands create this path, so that it can be missing. */
  readonly isMade: (path: string) => boolean;
  readonly read: (path: string) => string;
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Reads the project from the disk, without the files that Git ignores: commands create those. */
export function readProjectTree(): ProjectTree {
  const rules = ignore().add(read(".gitignore")).add([".git", "node_modules"]);
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(read("package.json"));
  const programs = readdirSync(`${ROOT}node_modules/.bin`).map((name) => name.replace(/\.(?:cmd|ps1)$/, ""));
  return {
    paths: new Set(pathsUnder("", rules)),
    scripts: new Set(Object.keys(scripts)),
    programs: new Set(programs),
    isMade: (path) => ignore.isPathValid(path) && (rules.ignores(path) || rules.ignores(`${path}/`)),
    read,
  };
}

/** Reads a file with LF line endings, also in a checkout on Windows. */
function read(path: string): string {
  return readFileSync(`${ROOT}${path}`, "utf8").replaceAll("\r\n", "\n");
}

function pathsUnder(folder: string, rules: Ignore): readonly string[] {
  return readdirSync(`${ROOT}${folder}`, { withFileTypes: true })
    .map((entry) => ({ path: `${folder}${entry.name}`, isFolder: entry.isDirectory() }))
    .filter(({ path, isFolder }) => !rules.ignores(isFolder ? `${path}/` : path))
    .flatMap(({ path, isFolder }) => (isFolder ? [path, ...pathsUnder(`${path}/`, rules)] : [path]));
}
