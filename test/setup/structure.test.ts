import path from "node:path";
import { describe, expect, test } from "vitest";
import { readProjectTree } from "./project-tree.ts";

/** Imports, of types too, between the direct children of `shared/`. More arrows make a change hard to follow. */
const MOST_ARROWS = 40;
const ON_THE_ROOT = ["dependencies", "flows"];

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

const tree = readProjectTree();
const files = [...tree.paths].filter((each) => /^shared\/.*\.ts$/.test(each));
const fileImports = importsOf(new Map(files.map((file) => [file, tree.read(file)])));

/** Returns the files that each file imports. */
function importsOf(sources: ReadonlyMap<string, string>): Graph {
  const found = [...sources].map(([file, text]) => {
    const specifiers = [...text.matchAll(/(?:from|import\() ?"(\.[^"]+)"/g)].map(([, specifier = ""]) => specifier);
    return [file, new Set(specifiers.map((each) => path.posix.join(path.posix.dirname(file), each)))] as const;
  });
  return new Map(found);
}

/** Returns the direct child of `shared/` that a file is in: a folder, or the file itself. */
function childOf(file: string): string {
  return (file.split("/")[1] ?? "").replace(/\.ts$/, "");
}

/** Returns the imports between the direct children of `shared/`. */
function childImports(imports: Graph): Graph {
  const groups = Map.groupBy(imports, ([file]) => childOf(file));
  return new Map(
    [...groups].map(([child, files]) => {
      const targets = files.flatMap(([, those]) => [...those].map(childOf));
      return [child, new Set(targets.filter((each) => each !== child))];
    }),
  );
}

/** Returns the files or folders that import themselves, directly or indirectly. */
function circlesOf(imports: Graph): readonly string[] {
  const reached = (from: string, seen = new Set<string>()): ReadonlySet<string> => {
    for (const each of imports.get(from) ?? []) {
      if (!seen.has(each)) reached(each, seen.add(each));
    }
    return seen;
  };
  return [...imports.keys()].filter((each) => reached(each).has(each));
}

describe("shared/", () => {
  const children = childImports(fileImports);

  test("has no circle of imports, neither between its children nor between its files", () => {
    expect(children.size).toBeGreaterThan(8);
    expect(circlesOf(children)).toEqual([]);
    expect(circlesOf(fileImports)).toEqual([]);
  });

  test(`has at most ${MOST_ARROWS} arrows between its children`, () => {
    const arrows = [...children].flatMap(([from, targets]) => [...targets].map((to) => `${from} -> ${to}`));
    expect(arrows.length).toBeGreaterThan(10);
    expect(arrows.length).toBeLessThanOrEqual(MOST_ARROWS);
  });

  test("has two files on its root", () => {
    const onTheRoot = files.filter((file) => file.split("/").length === 2);
    expect(onTheRoot.toSorted()).toEqual(ON_THE_ROOT.map((name) => `shared/${name}.ts`));
  });
});

test("finds a circular import, including type imports", () => {
  const planted = new Map([
    ["shared/a/one.ts", 'import type { B } from "../b/two.ts";'],
    ["shared/b/two.ts", 'const { A } = await import("../a/one.ts");'],
    ["shared/c.ts", 'import { B } from "./b/two.ts";'],
  ]);
  expect(circlesOf(importsOf(planted))).toEqual(["shared/a/one.ts", "shared/b/two.ts"]);
  expect(circlesOf(childImports(importsOf(planted)))).toEqual(["a", "b"]);
});
