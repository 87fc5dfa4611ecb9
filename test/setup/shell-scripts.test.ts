import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ignore from "ignore";
import { afterAll, describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const shellcheck = process.env["SHELLCHECK"] ?? "";
const planted = mkdtempSync(join(tmpdir(), "shell-scripts-"));
afterAll(() => rmSync(planted, { recursive: true }));

/** Whatever a shell runs, by its path in a folder: told by the first line, for some have no ending. */
function scriptsIn(root: string, folder = ""): readonly string[] {
  const rules = ignore().add([".git", "node_modules", ".cache", "dist"]);
  return readdirSync(join(root, folder), { withFileTypes: true })
    .map((entry) => ({ entry, path: `${folder}${entry.name}` }))
    .filter(({ path }) => !rules.ignores(path))
    .flatMap(({ entry, path }) => {
      if (entry.isDirectory()) return scriptsIn(root, `${path}/`);
      return /^#!.*\b(?:ba|da)?sh\b/.test(readFileSync(join(root, path), "utf8")) ? [path] : [];
    });
}

/** What ShellCheck finds, hints too; files that a script sources are read. */
function faultsOf(root: string, path: string): readonly string[] {
  const { stdout, error } = spawnSync(shellcheck, ["--external-sources", "--format=gcc", path], {
    cwd: root,
    encoding: "utf8",
  });
  if (error) throw error;
  return stdout.trim().split("\n").filter(Boolean);
}

test("the scripts are found", () => {
  const some = [".ci/run", "infra/azd/postdeploy.sh", "infra/operate/deploy.sh", "infra/operate/steps/code.sh"];
  expect(scriptsIn(ROOT)).toEqual(expect.arrayContaining(some));
});

describe.skipIf(process.platform === "win32")("not on Windows", () => {
  test.each(scriptsIn(ROOT))("bash -n %s", (path) => {
    const { status, stderr } = spawnSync("bash", ["-n", path], { cwd: ROOT, encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

describe.skipIf(shellcheck === "")("with ShellCheck (SHELLCHECK)", () => {
  test.each(scriptsIn(ROOT))("%s has nothing for it to find", (path) => {
    expect(faultsOf(ROOT, path)).toEqual([]);
  });

  test.each([
    { line: "rm -rf $FOLDER", code: "SC2086" },
    { line: "if [ a = b ]; then echo", code: "SC1046" },
    { line: 'name="$(date)"', code: "SC2034" },
    { line: ". a/c.sh\n. a/missing.sh", code: "SC1091" },
  ])("a script with '$line' has $code", ({ line, code }) => {
    const texts = { "a/b.sh": `#!/usr/bin/env bash\n${line}\n`, "a/c.sh": "#!/bin/sh\nexport OF_C=1\n" };
    for (const [path, text] of Object.entries({ ...texts, "a/d.ts": "#!/usr/bin/env node\n" })) {
      mkdirSync(dirname(join(planted, path)), { recursive: true });
      writeFileSync(join(planted, path), text);
    }
    expect(scriptsIn(planted)).toEqual(["a/b.sh", "a/c.sh"]);
    expect(faultsOf(planted, "a/c.sh")).toEqual([]);
    expect(faultsOf(planted, "a/b.sh").map((fault) => /\[(SC\d+)\]$/.exec(fault)?.[1])).toContain(code);
  });
});
