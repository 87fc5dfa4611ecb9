import type { ProjectTree } from "./project-tree.ts";

/** Returns a small project with files by path, the scripts `test` and `build`, the program `tool`, and `.cache` ignored. */
export function plantTree(texts: Readonly<Record<string, string>>): ProjectTree {
  const folders = Object.keys(texts).flatMap((path) =>
    [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index)),
  );
  return {
    paths: new Set([...Object.keys(texts), ...folders]),
    scripts: new Set(["test", "build"]),
    programs: new Set(["tool"]),
    isMade: (path) => path.startsWith(".cache"),
    read: (path) => texts[path] ?? "",
  };
}
