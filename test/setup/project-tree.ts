import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ignore, { type Ignore } from "ignore";

/** What pages and workflows can name: files and folders by their path from the root, with `/`, npm's scripts, programs. */
export interface ProjectTree {
  readonly paths: ReadonlySet<string>;
  readonly scripts: ReadonlySet<string>;
  readonly programs: ReadonlySet<string>;
  /** Whether commands make what is at this path, and so it need not be there. */
  readonly isMade: (path: string) => boolean;
  readonly read: (path: string) => string;
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The project as it lies on the disk, but for what Git ignores: that is what commands make. */
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

/** Line ends are those of Git, however a checkout on Windows has them. */
function read(path: string): string {
  return readFileSync(`${ROOT}${path}`, "utf8").replaceAll("\r\n", "\n");
}

function pathsUnder(folder: string, rules: Ignore): readonly string[] {
  return readdirSync(`${ROOT}${folder}`, { withFileTypes: true })
    .map((entry) => ({ path: `${folder}${entry.name}`, isFolder: entry.isDirectory() }))
    .filter(({ path, isFolder }) => !rules.ignores(isFolder ? `${path}/` : path))
    .flatMap(({ path, isFolder }) => (isFolder ? [path, ...pathsUnder(`${path}/`, rules)] : [path]));
}
