import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { plantTree } from "./planted-tree.ts";
import { type ProjectTree, readProjectTree } from "./project-tree.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PROJECT = readProjectTree();
const SCRIPTS = scriptsOf(PROJECT);
const shellcheck = process.env["SHELLCHECK"] ?? "";
const planted = mkdtempSync(join(tmpdir(), "shell-scripts-"));
afterAll(() => rmSync(planted, { recursive: true }));

/** Returns all shell scripts, by their first line, because some have no extension. */
function scriptsOf({ paths, read }: ProjectTree): readonly string[] {
  const folders = new Set(paths.values().map((path) => posix.dirname(path)));
  const files = paths.values().filter((path) => !folders.has(path));
  return [...files].filter((path) => /^#!.*\b(?:ba|da)?sh\b/.test(read(path)));
}

/** Returns the findings of ShellCheck, including hints and sourced files. */
function faultsOf(root: string, path: string): readonly string[] {
  const { stdout, error } = spawnSync(shellcheck, ["--external-sources", "--format=gcc", path], {
    cwd: root,
    encoding: "utf8",
  });
  if (error) throw error;
  return stdout.trim().split("\n").filter(Boolean);
}

test("finds the scripts", () => {
  const some = [".ci/run", "infra/azd/postdeploy.sh", "infra/operate/deploy.sh", "infra/operate/steps/code.sh"];
  expect(SCRIPTS).toEqual(expect.arrayContaining(some));
});

describe.skipIf(process.platform === "win32")("syntax, not on Windows", () => {
  test.each(SCRIPTS)("bash -n accepts %s", (path) => {
    const { status, stderr } = spawnSync("bash", ["-n", path], { cwd: ROOT, encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

describe.skipIf(shellcheck === "")("ShellCheck (needs SHELLCHECK)", () => {
  test.each(SCRIPTS)("finds nothing in %s", (path) => {
    expect(faultsOf(ROOT, path)).toEqual([]);
  });

  test.each([
    { line: "rm -rf $FOLDER", code: "SC2086" },
    { line: "if [ a = b ]; then echo", code: "SC1046" },
    { line: 'name="$(date)"', code: "SC2034" },
    { line: ". a/c.sh\n. a/missing.sh", code: "SC1091" },
  ])("finds $code in '$line'", ({ line, code }) => {
    const scripts = { "a/b.sh": `#!/usr/bin/env bash\n${line}\n`, "a/c.sh": "#!/bin/sh\nexport OF_C=1\n" };
    const texts = { ...scripts, "a/d.ts": "#!/usr/bin/env node\n" };
    for (const [path, text] of Object.entries(texts)) {
      mkdirSync(dirname(join(planted, path)), { recursive: true });
      writeFileSync(join(planted, path), text);
    }
    expect(scriptsOf(plantTree(texts))).toEqual(Object.keys(scripts));
    expect(faultsOf(planted, "a/c.sh")).toEqual([]);
    expect(faultsOf(planted, "a/b.sh").map((fault) => /\[(SC\d+)\]$/.exec(fault)?.[1])).toContain(code);
  });
});

/** Syntax that bash 3.2, the version of macOS, rejects or interprets differently. */
const NEWER: Readonly<Record<string, RegExp>> = {
  "associative arrays": /\b(?:declare|local|typeset) -\w*A/,
  mapfile: /\b(?:mapfile|readarray)\b/,
  "case conversion": /\$\{\w+(?:\[[@*]\])?(?:,,?|\^\^?)/,
  namerefs: /\b(?:declare|local|typeset) -\w*n\b/,
  "redirection of both streams": /&>>|\|&/,
  "parameter transformation": /\$\{\w+@[A-Za-z]\}/,
  "negative indices": /\$\{\w+\[-\d/,
};

test.each(SCRIPTS.filter((path) => path.startsWith("infra/")))("%s works with bash 3.2", (path) => {
  expect(Object.keys(NEWER).filter((name) => NEWER[name]?.test(PROJECT.read(path)))).toEqual([]);
});
