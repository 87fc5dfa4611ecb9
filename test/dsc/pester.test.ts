import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const RUNNER = fileURLToPath(new URL("pester-run.ps1", import.meta.url));
const TESTS = fileURLToPath(new URL("../../dsc/tests", import.meta.url));
const pwsh = process.env["PWSH"] ?? "";
const pester = process.env["PESTER"] ?? "";
const isMissing = pwsh === "" || pester === "";

interface Run {
  /** `Core` is PowerShell 7, `Desktop` is Windows PowerShell. */
  readonly Edition: string;
  /** Errors outside of the tests. */
  readonly Broken: readonly string[];
  readonly Tests: readonly {
    readonly Title: string;
    /** The title with the names of its blocks and the values of its case. */
    readonly Path: string;
    readonly Result: string;
    readonly Error: string;
  }[];
}

/** Runs the Pester tests; returns the result of each one. */
async function runPester(): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), "pester-"));
  try {
    const results = join(folder, "results.json");
    const args = ["-Pester", pester, "-Tests", TESTS, "-Results", results];
    await promisify(execFile)(pwsh, ["-NoProfile", "-NonInteractive", "-File", RUNNER, ...args]);
    const run: Run = JSON.parse(readFileSync(results, "utf8"));
    return run;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// One process for all tests: to start it and to load Pester costs more than to run them.
const run: Run = isMissing ? { Edition: "", Broken: [], Tests: [] } : await runPester();
const COMPILES = "compiles to one Script for each step (<Ensure>), and never reboots";
const isSkipped = (title: string): boolean => run.Edition === "Core" && title === COMPILES;

describe.skipIf(isMissing)("the tests of the module (needs PESTER and PWSH)", () => {
  test("all run, and no block around them fails", () => {
    const files = readdirSync(TESTS).filter((name) => name.endsWith(".Tests.ps1"));
    const text = files.map((name) => readFileSync(join(TESTS, name), "utf8")).join("\n");
    const titles = [...text.matchAll(/^ +It '([^']+)'/gm)].map(([, title = ""]) => title);
    expect(titles).toContain(COMPILES);
    expect([...new Set(run.Tests.map(({ Title }) => Title))].toSorted()).toEqual(titles.toSorted());
    expect(run.Broken).toEqual([]);
  });

  test.each(run.Tests.filter(({ Title }) => !isSkipped(Title)))("$Path", ({ Result, Error }) => {
    expect({ Result, Error }).toEqual({ Result: "Passed", Error: "" });
  });

  test("only the one that compiles the configuration is skipped, because PowerShell 7 cannot", () => {
    const skipped = run.Tests.filter(({ Result }) => Result === "Skipped").map(({ Title }) => Title);
    expect(skipped).toEqual(run.Tests.map(({ Title }) => Title).filter(isSkipped));
  });
});
