/*
 * The rules that PSScriptAnalyzer does not have, which checks the rest in CI (dsc/PSScriptAnalyzerSettings.psd1):
 *
 * - No reboot, no command that is neither ours nor in COMMANDS, and none that a variable names.
 * - No syntax of PowerShell 7 that 5.1 reads as something else without an error; no hash that FIPS mode refuses.
 * - CmdletBinding in each function; limits of lines.
 * - Calls of our functions: each parameter exists, each mandatory one is given, each function is called.
 * - The manifest exports what the configuration calls, and the module loads each of its files.
 * - The shape of the configuration's Script resources, their DependsOn, and $using: for outer variables.
 * - Pester replaces only commands that the module calls.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { calledBy, checkCalls, checkSource, functionsOf, unknownCommands } from "./powershell-checks.ts";
import { checkConfiguration } from "./powershell-configuration.ts";
import { powershellFiles } from "./powershell-files.ts";
import { type Source, readSource } from "./powershell-text.ts";

const sources = powershellFiles().map(({ name, file }) => readSource(name, readFileSync(file, "utf8")));
const product = sources.filter(({ name }) => /^(?:AksWindowsMetrics\/|WindowsExporter\.)/.test(name));
const functions = functionsOf(product);
const exported = quoted(/FunctionsToExport = @\(([^)]+)\)/, source("AksWindowsMetrics/AksWindowsMetrics.psd1").text);

function source(name: string): Source {
  const found = sources.find((each) => each.name === name);
  if (!found) throw new Error(`There is no dsc/${name}.`);
  return found;
}

/** Returns the strings in what a pattern captures. */
function quoted(pattern: RegExp, text: string): readonly string[] {
  return Array.from((pattern.exec(text)?.[1] ?? "").matchAll(/'([^']+)'/g), ([, name = ""]) => name).toSorted();
}

describe("what runs on a node", () => {
  test("keeps the rules of its files and functions", () => {
    expect(functions.size).toBeGreaterThan(40);
    expect(product.flatMap(checkSource)).toStrictEqual([]);
  });

  test("calls only its own functions and known commands", () => {
    expect(unknownCommands(product, functions)).toStrictEqual([]);
  });

  test("calls its functions by parameters that exist, with each mandatory one", () => {
    expect(checkCalls(product, functions)).toStrictEqual([]);
  });

  test("calls each function that it has", () => {
    const called = calledBy(product);
    expect([...functions.keys()].filter((name) => !called.has(name))).toStrictEqual([]);
  });

  test("exports exactly what the configuration calls", () => {
    const called = [...calledBy([source("WindowsExporter.ps1")])].filter((name) => functions.has(name));
    expect(called.length).toBeGreaterThan(20);
    expect(called.toSorted()).toStrictEqual(exported);
  });

  test("has whole Script resources that depend on one another", () => {
    expect(checkConfiguration(source("WindowsExporter.ps1").text)).toStrictEqual([]);
  });

  test("loads each of the module's files", () => {
    const parts = product.flatMap(({ name }) => /^AksWindowsMetrics\/(\w+)\.ps1$/.exec(name)?.[1] ?? []);
    const module = source("AksWindowsMetrics/AksWindowsMetrics.psm1").text;
    expect(quoted(/\$part in ([^)]+)\)/, module)).toStrictEqual(parts.toSorted());
  });

  test("has files of at most 200 lines, and tests of at most 300", () => {
    const long = sources.filter(({ name, text }) => text.split("\n").length > (name.startsWith("tests/") ? 301 : 201));
    expect(long.map(({ name }) => name)).toStrictEqual([]);
  });
});

describe("the Pester tests", () => {
  const tests = source("tests/AksWindowsMetrics.Tests.ps1");

  test("call the module's functions by parameters that exist, with each mandatory one", () => {
    expect([...calledBy([tests])].filter((name) => functions.has(name)).length).toBeGreaterThan(15);
    expect(checkCalls([tests], functions)).toStrictEqual([]);
  });

  test("replace only commands that the module calls", () => {
    const called = calledBy(product);
    const replaced = Array.from(tests.code.matchAll(/-CommandName ([\w-]+)/g), ([, name = ""]) => name);
    expect(replaced.length).toBeGreaterThan(5);
    expect(replaced.filter((name) => !called.has(name))).toStrictEqual([]);
  });
});

const planted = (body: string, parameters = ""): string =>
  `function Get-Thing {\n    [CmdletBinding()]\n    param (${parameters})\n\n    ${body}\n}\n`;
const MANDATORY =
  "\n        [Parameter(Mandatory)]\n        [ValidateSet('A', 'B')]\n        [string]\n        $Port\n    ";

function find(text: string): readonly string[] {
  const found = [readSource("planted.ps1", text)];
  const unknown = unknownCommands(found, functionsOf(found)).map((name) => `${name} is not known`);
  return [...found.flatMap(checkSource), ...unknown, ...checkCalls(found, functionsOf(found))];
}

describe("the checks", () => {
  test.each([
    ["a reboot by DSC's variable", planted("$global:DSCMachineStatus = 1"), "reboots the node"],
    ["a reboot by the LCM", "RebootNodeIfNeeded = $true\n", "reboots the node"],
    ["a reboot by a command", planted("if ($a) { Restart-Computer -Force }"), "Restart-Computer is not known"],
    ["a reboot by a program", planted("$null = shutdown.exe /r"), "shutdown.exe is not known"],
    ["an escape of 7", planted('"`e[0m"'), "escapes `e"],
    ["a character's escape of 7", planted('"`u{2195}"'), "escapes `e"],
    ["a number of 7", planted("$a = 0b101"), "binary numbers"],
    ["a hash that FIPS mode refuses", planted("[System.Security.Cryptography.SHA256Managed]::new()"), "FIPS"],
    ["a hash that FIPS mode may refuse", planted("[System.Security.Cryptography.SHA256]::Create()"), "FIPS"],
    ["a command in a variable", planted("& $program"), "runs what only a variable"],
    ["a file in a variable", planted(". $file"), "runs what only a variable"],
    ["no CmdletBinding", planted("1").replace("[CmdletBinding()]", ""), "has no CmdletBinding"],
    ["a long function", planted("1\n".repeat(50)), "more than 50 lines"],
    ["a function of another layout", planted("1").replace("\n}", "\n  }"), "does not begin and end"],
    ["an unknown command in a string", planted('"a $(Get-Secret) b"'), "Get-Secret is not known"],
    ["an unknown command in a pipeline", planted("@(1 | gci).Count"), "gci is not known"],
    ["a parameter that does not exist", planted("Get-Thing -Port 1"), "Get-Thing has no -port"],
    ["a parameter that is missing", planted("Get-Thing -Verbose", MANDATORY), "Get-Thing requires -port"],
  ])("find %s", (_name, text, finding) => {
    expect(find(text).join("\n")).toContain(finding);
  });

  test("find nothing in a good function", () => {
    const body = "$a, $b = Get-Thing -Port 'it''s # 1' | Select-Object -Last 1 # & `e is nobody's\n    return $a.Count";
    expect(find(planted(`${body}\n    Get-Thing @splat -Verbose:$false`, MANDATORY).replace("`e", ""))).toStrictEqual(
      [],
    );
  });

  const GOOD = `configuration X {
    param ($Port)
    Node localhost {
        Script A {
            GetScript = { @{ Result = Get-A } }
            TestScript = { Test-A -Verbose }
            SetScript = { Set-A -Verbose }
        }
        Script B {
            DependsOn = '[Script]A'
            GetScript = { @{ Result = Get-B -Port $using:Port } }
            TestScript = {
                Test-B -Port $using:Port -Verbose
            }
            SetScript = { Set-B -Verbose }
        }
    }
}
`;

  test.each([
    ["nothing in a good configuration", "", "", /^$/],
    ["a missing GetScript", "GetScript = { @{ Result = Get-A } }", "", /A has SetScript TestScript, not/],
    ["a GetScript of another shape", "@{ Result = Get-A }", "Get-A", /does not return @\{ Result/],
    ["an outer variable", "$using:Port -Verbose", "$Port -Verbose", /uses \$Port, which does not reach/],
    ["an unknown outer variable", "$using:Port -Verbose", "$using:Part -Verbose", /the configuration does not have/],
    ["a dependency on nothing", "'[Script]A'", "'[Script]Z'", /depends on '\[Script\]Z', which no earlier/],
    ["a dependency on a later one", "'[Script]A'", "'[Script]B'", /which no earlier/],
    ["a dependency on the other branch", "        Script B {", "else {\n        Script B {", /which no earlier/],
    ["no dependency", "DependsOn = '[Script]A'\n", "", /depends on nothing/],
    ["a call without -Verbose", "Set-B -Verbose", "Set-B", /SetScript lacks -Verbose/],
    ["a second call", "{ Set-B -Verbose }", "{ Set-B -Verbose; Set-A -Verbose }", /makes 2 calls/],
    ["a resource of another layout", "        Script B {", "      Script B {", /does not end below its beginning/],
  ])("find %s in a configuration", (_name, part, other, finding) => {
    expect(checkConfiguration(GOOD.replace(part, other)).join("\n")).toMatch(finding);
  });
});
