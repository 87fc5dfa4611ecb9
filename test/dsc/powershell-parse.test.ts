import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { powershellFiles } from "./powershell-files.ts";
import { callsOf, readSource } from "./powershell-text.ts";

const pwsh = process.env["PWSH"] ?? "";
const PARSE =
  "$tokens = $null; $errors = $null; " +
  "$ast = [System.Management.Automation.Language.Parser]::ParseFile($env:PARSE_FILE, [ref]$tokens, [ref]$errors); ";
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

  /** Parses a text. The keyword `configuration`, which exists only on Windows, becomes a function of the same length. */
  function parse(text: string, output: string): string {
    const file = path.join(folder, "parsed.ps1");
    writeFileSync(file, text.replace(/^configuration (?=\w+ \{)/m, "function      "));
    const env = { ...process.env, PARSE_FILE: file };
    const command = ["-NoProfile", "-NonInteractive", "-Command", PARSE + output];
    return execFileSync(pwsh, command, { encoding: "utf8", env }).trim();
  }

  test.each(powershellFiles().map(({ name, file }) => [name, file]))("finds no error in %s", (_name, file) => {
    expect(parse(readFileSync(file, "utf8"), ERRORS)).toBe("");
  });

  test("finds a syntax error", () => {
    expect(parse("function Get-Thing {\n", ERRORS)).toMatch(/^line 1: /);
  });

  const module = powershellFiles().filter(({ name }) => /^AksWindowsMetrics\/.*\.psm?1$/.test(name));

  test("finds the same calls in the module as the text-based checks", () => {
    const texts = module.map(({ file }) => readFileSync(file, "utf8"));
    const found = texts.flatMap((text) => callsOf(readSource("", text).code));
    const calls = found.map(({ name, parameters }) => [name, ...parameters].join(" "));
    expect(calls.length).toBeGreaterThan(100);
    expect(calls.toSorted()).toStrictEqual(parse(texts.join("\n"), CALLS).split(/\r?\n/).toSorted());
  });
});
