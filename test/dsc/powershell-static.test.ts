/*
 * Checks rules that PSScriptAnalyzer does not have; it checks all others in CI (dsc/PSScriptAnalyzerSettings.psd1):
 *
 * - No reboot, only commands of the module or in COMMANDS, and none whose name is in a variable.
 * - No PowerShell 7 syntax that 5.1 parses differently without an error; no hash that FIPS mode rejects.
 * - CmdletBinding in each function; line limits.
 * - Calls of the module's functions: each parameter exists, mandatory ones are set, each function is called.
 * - Every error of the module begins with a cause, and its words and evidence are those of the contract with the app.
 * - The manifest exports what the configuration calls, and the module loads all its files.
 * - The configuration's Script resources, their DependsOn, and $using: for outer variables.
 * - Pester replaces only commands that the module calls.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import contract from "../../shared/extension/contract.json" with { type: "json" };
import {
  callsWithoutStop,
  calledBy,
  checkCalls,
  checkSource,
  functionsOf,
  unknownCommands,
} from "./powershell-checks.ts";
import { checkConfiguration } from "./powershell-configuration.ts";
import { powershellFiles } from "./powershell-files.ts";
import { type Source, readSource } from "./powershell-text.ts";

const sources = powershellFiles().map(({ name, file }) => readSource(name, readFileSync(file, "utf8")));
const product = sources.filter(({ name }) => /^(?:AksWindowsMetrics\/|WindowsExporter\.)/.test(name));
const functions = functionsOf(product);
const exported = quoted(/FunctionsToExport = @\(([^)]+)\)/, source("AksWindowsMetrics/AksWindowsMetrics.psd1").text);

function source(name: string): Source {
  const found = sources.find((each) => each.name === name);
  if (!found) throw new Error(`dsc/${name} does not exist`);
  return found;
}

/** Returns the quoted strings in the captures of a pattern. */
function quoted(pattern: RegExp, text: string): readonly string[] {
  return Array.from((pattern.exec(text)?.[1] ?? "").matchAll(/'([^']+)'/g), ([, name = ""]) => name).toSorted();
}

describe("module and configuration", () => {
  test("follow the rules for files and functions", () => {
    expect(functions.size).toBeGreaterThan(40);
    expect(product.flatMap(checkSource)).toStrictEqual([]);
  });

  test("call only their own functions and known commands", () => {
    expect(unknownCommands(product, functions)).toStrictEqual([]);
  });

  test("end at each error of another module's command", () => {
    expect(callsWithoutStop(product)).toStrictEqual([]);
  });

  test("call functions with existing parameters and all mandatory ones", () => {
    expect(checkCalls(product, functions)).toStrictEqual([]);
  });

  test("call every function", () => {
    const called = calledBy(product);
    expect([...functions.keys()].filter((name) => !called.has(name))).toStrictEqual([]);
  });

  test("export exactly the functions that the configuration calls", () => {
    const called = [...calledBy([source("WindowsExporter.ps1")])].filter((name) => functions.has(name));
    expect(called.length).toBeGreaterThan(20);
    expect(called.toSorted()).toStrictEqual(exported);
  });

  test("have complete Script resources that depend on one another", () => {
    expect(checkConfiguration(source("WindowsExporter.ps1").text)).toStrictEqual([]);
  });

  test("loads each of the module's files", () => {
    const parts = product.flatMap(({ name }) => /^AksWindowsMetrics\/(\w+)\.ps1$/.exec(name)?.[1] ?? []);
    const module = source("AksWindowsMetrics/AksWindowsMetrics.psm1").text;
    expect(quoted(/\$part in ([^)]+)\)/, module)).toStrictEqual(parts.toSorted());
  });

  test("have at most 200 lines per file", () => {
    const long = sources.filter(({ text }) => text.split("\n").length > 201);
    expect(long.map(({ name }) => name)).toStrictEqual([]);
  });
});

describe("the contract with the app", () => {
  const module = product.map(({ text }) => text).join("\n");

  test("has the words that an error may begin with", () => {
    const words = quoted(/\[ValidateSet\(([^)]+), IgnoreCase = \$false\)\]\n.*\n +\$Cause\b/, module);
    expect(words).toStrictEqual(contract.causes.toSorted());
    const given = Array.from(module.matchAll(/ -Cause ([a-z-]+)/g), ([, word = ""]) => word);
    expect(given.length).toBeGreaterThan(8);
    expect(given.filter((word) => !words.includes(word))).toStrictEqual([]);
  });

  test("has the beginning of an error, and the evidence", () => {
    const failure = contract.failure.replace("{cause}", "${Cause}").replace("{sentence}", "$Text");
    expect(module).toContain(`"${failure}"`);
    const [, run = ""] = /^ {4}\$run = "(.+)"$/m.exec(module) ?? [];
    const filled = { $Run: run.replace("$Package", "{package}").replace("$Marker", "{marker}"), $Metrics: "{metrics}" };
    const [, line = ""] = /Write-Verbose -Message "(.* metrics=.*)"/.exec(module) ?? [];
    expect(line.replace(/\$\w+/g, (name) => filled[name as keyof typeof filled])).toBe(contract.evidence);
  });

  test("holds for what Windows throws: each exported function gives it a cause", () => {
    const trap = '    trap { throw (Resolve-FailureText -Text "$_") }\n';
    const bodies = exported.map((name) => module.split(`function ${name} {\n`)[1]?.split("\n}\n")[0] ?? "");
    expect(exported.filter((_name, index) => !bodies[index]?.includes(trap))).toStrictEqual([]);
  });
});

describe("Pester tests", () => {
  const tests = sources.filter(({ name }) => name.startsWith("tests/"));

  test("call the module's functions by parameters that exist, with each mandatory one", () => {
    expect([...calledBy(tests)].filter((name) => functions.has(name)).length).toBeGreaterThan(15);
    expect(checkCalls(tests, functions)).toStrictEqual([]);
  });

  test("mock only commands that the module calls", () => {
    const called = calledBy(product);
    const replaced = tests.flatMap(({ code }) =>
      Array.from(code.matchAll(/-CommandName ([\w-]+)/g), ([, name = ""]) => name),
    );
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
  return [
    ...found.flatMap(checkSource),
    ...callsWithoutStop(found),
    ...unknown,
    ...checkCalls(found, functionsOf(found)),
  ];
}

describe("checks", () => {
  test.each([
    ["a reboot by DSC's variable", planted("$global:DSCMachineStatus = 1"), "reboots the node"],
    ["a reboot by the LCM", "RebootNodeIfNeeded = $true\n", "reboots the node"],
    ["a reboot by a command", planted("if ($a) { Restart-Computer -Force }"), "Restart-Computer is not known"],
    ["a reboot by a program", planted("$null = shutdown.exe /r"), "shutdown.exe is not known"],
    ["an escape sequence of PowerShell 7", planted('"`e[0m"'), "escapes `e"],
    ["a character's escape of 7", planted('"`u{2195}"'), "escapes `e"],
    ["a binary number of PowerShell 7", planted("$a = 0b101"), "binary numbers"],
    ["a hash that FIPS mode rejects", planted("[System.Security.Cryptography.SHA256Managed]::new()"), "FIPS"],
    ["a hash that FIPS mode can reject", planted("[System.Security.Cryptography.SHA256]::Create()"), "FIPS"],
    ["a limit by the clock", planted("$last = [datetime]::Now.AddSeconds(20)"), "measures a limit by the clock"],
    ["a query whose errors end nothing", planted("Get-CimInstance @query"), "Get-CimInstance lacks -ErrorAction Stop"],
    ["an error that is hidden", planted("Get-Item -Path a -ErrorAction Ignore"), "hides an error"],
    ["a command in a variable", planted("& $program"), "runs what only a variable"],
    ["a file in a variable", planted(". $file"), "runs what only a variable"],
    ["an error without a cause", planted("throw 'It failed.'"), "throws an error without a cause"],
    ["no CmdletBinding", planted("1").replace("[CmdletBinding()]", ""), "has no CmdletBinding"],
    ["a long function", planted("1\n".repeat(50)), "more than 50 lines"],
    ["a function of another layout", planted("1").replace("\n}", "\n  }"), "does not start and end"],
    ["an unknown command in a string", planted('"a $(Get-Secret) b"'), "Get-Secret is not known"],
    ["an unknown command in a pipeline", planted("@(1 | gci).Count"), "gci is not known"],
    ["a parameter that does not exist", planted("Get-Thing -Port 1"), "Get-Thing has no -port"],
    ["a missing mandatory parameter", planted("Get-Thing -Verbose", MANDATORY), "Get-Thing requires -port"],
  ])("find %s", (_name, text, finding) => {
    expect(find(text).join("\n")).toContain(finding);
  });

  test("find nothing in a valid function", () => {
    const body =
      "$a, $b = Get-Thing -Port 'it''s # 1' | Select-Object -Last 1 # & `e is a comment\n    return $a.Count";
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
    ["nothing in a valid configuration", "", "", /^$/],
    ["a missing GetScript", "GetScript = { @{ Result = Get-A } }", "", /A has SetScript TestScript, not/],
    ["a GetScript of another shape", "@{ Result = Get-A }", "Get-A", /does not return @\{ Result/],
    ["an outer variable", "$using:Port -Verbose", "$Port -Verbose", /uses \$Port, which does not reach/],
    ["an unknown outer variable", "$using:Port -Verbose", "$using:Part -Verbose", /the configuration does not have/],
    ["a dependency on a missing resource", "'[Script]A'", "'[Script]Z'", /depends on '\[Script\]Z', which no earlier/],
    ["a dependency on a later resource", "'[Script]A'", "'[Script]B'", /which no earlier/],
    ["a dependency on the other branch", "        Script B {", "else {\n        Script B {", /which no earlier/],
    ["no dependency", "DependsOn = '[Script]A'\n", "", /has no DependsOn/],
    ["a call without -Verbose", "Set-B -Verbose", "Set-B", /SetScript lacks -Verbose/],
    ["a second call", "{ Set-B -Verbose }", "{ Set-B -Verbose; Set-A -Verbose }", /makes 2 calls/],
    ["a resource of another layout", "        Script B {", "      Script B {", /is not aligned with its start/],
  ])("find %s in a configuration", (_name, part, other, finding) => {
    expect(checkConfiguration(GOOD.replace(part, other)).join("\n")).toMatch(finding);
  });
});
