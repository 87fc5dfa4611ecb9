import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { powershellFiles } from "./powershell-files.ts";

const pwsh = process.env["PWSH"] ?? "";
// Errors of the engine's own parser, one a line.
const PARSE =
  "$tokens = $null; $errors = $null; " +
  "$null = [System.Management.Automation.Language.Parser]::ParseFile($env:PARSE_FILE, [ref]$tokens, [ref]$errors); " +
  '$errors | ForEach-Object { "line $($_.Extent.StartLineNumber): $($_.Message)" }';

describe.skipIf(pwsh === "")("PowerShell's own parser (needs PWSH)", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "parse-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Parses a text; the keyword `configuration`, which only Windows knows, becomes a function of the same length. */
  function errorsOf(text: string): string {
    const file = path.join(folder, "parsed.ps1");
    writeFileSync(file, text.replace(/^configuration (?=\w+ \{)/m, "function      "));
    const env = { ...process.env, PARSE_FILE: file };
    return execFileSync(pwsh, ["-NoProfile", "-NonInteractive", "-Command", PARSE], { encoding: "utf8", env }).trim();
  }

  test.each(powershellFiles().map(({ name, file }) => [name, file]))("finds no error in %s", (_name, file) => {
    expect(errorsOf(readFileSync(file, "utf8"))).toBe("");
  });

  test("finds the error in a text that has one", () => {
    expect(errorsOf("function Get-Thing {\n")).toMatch(/^line 1: /);
  });
});
