import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { powershellFiles } from "./powershell-files.ts";
import { callsOf, readSource } from "./powershell-text.ts";

const pwsh = process.env["PWSH"] ?? "";
const PARSE =
  "$tokens = $null; $errors = $null; '=='; " +
  "$ast = [System.Management.Automation.Language.Parser]::ParseFile($file, [ref]$tokens, [ref]$errors); ";
// The errors of the engine's own parser, one per line.
const ERRORS = '$errors | ForEach-Object { "line $($_.Extent.StartLineNumber): $($_.Message)" }';
// The calls, one per line: the name, then the parameters.
const CALLS =
  "$calls = $ast.FindAll({ $args[0].GetType().Name -eq 'CommandAst' }, $true) | Where-Object { $_.GetCommandName() }; " +
  "foreach ($call in $calls) { " +
  "$names = $call.CommandElements | Where-Object ParameterName | ForEach-Object { $_.ParameterName.ToLower() }; " +
  "@($call.GetCommandName()) + $names -join ' ' }";

describe.skipIf(pwsh === "")("PowerShell's own parser (needs PWSH)", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "parse-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /**
   * Parses texts in one process, and returns the output for each. The keyword `configuration`, which exists only on
   * Windows, becomes a function of the same length.
   */
  function parse(texts: readonly string[], output: string): readonly string[] {
    const paths = texts.map((text, index) => {
      const file = path.join(folder, `${index}.ps1`);
      writeFileSync(file, text.replace(/^configuration (?=\w+ \{)/m, "function      "));
      return file;
    });
    const env = { ...process.env, PARSE_FILES: paths.join("|") };
    const command = `foreach ($file in $env:PARSE_FILES.Split('|')) { ${PARSE}${output} }`;
    const found = execFileSync(pwsh, ["-NoProfile", "-NonInteractive", "-Command", command], { encoding: "utf8", env });
    return found
      .split(/^==\r?\n/m)
      .slice(1)
      .map((each) => each.trim());
  }

  const files = powershellFiles();
  let errors: readonly string[] = [];
  beforeAll(() => {
    const texts = files.map(({ file }) => readFileSync(file, "utf8"));
    errors = parse([...texts, "function Get-Thing {\n"], ERRORS);
  });

  test.each(files.map(({ name }, index) => [name, index] as const))("finds no error in %s", (_name, index) => {
    expect(errors[index]).toBe("");
  });

  test("finds a syntax error", () => {
    expect(errors.at(-1)).toMatch(/^line 1: /);
  });

  const module = powershellFiles().filter(({ name }) => /^AksWindowsMetrics\/.*\.psm?1$/.test(name));

  test("finds the same calls in the module as the text-based checks", () => {
    const texts = module.map(({ file }) => readFileSync(file, "utf8"));
    const found = texts.flatMap((text) => callsOf(readSource("", text).code));
    const calls = found.map(({ name, parameters }) => [name, ...parameters].join(" "));
    expect(calls.length).toBeGreaterThan(100);
    const [parsed = ""] = parse([texts.join("\n")], CALLS);
    expect(calls.toSorted()).toStrictEqual(parsed.split(/\r?\n/).toSorted());
  });
});
