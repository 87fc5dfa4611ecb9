import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { checkCalls, checkFunctions, checkSource } from "./powershell-checks.ts";
import { checkConfiguration } from "./powershell-configuration.ts";
import { powershellFiles } from "./powershell-files.ts";
import { type Source, all, calls, openParser } from "./powershell-tree.ts";

let parse: (name: string, text: string) => Source;
let sources: readonly Source[];
let configuration: Source;
let exported: ReadonlySet<string>;
beforeAll(async () => {
  parse = await openParser();
  sources = powershellFiles().map(({ name, file }) => parse(name, readFileSync(file, "utf8")));
  configuration = source("WindowsExporter.ps1");
  const entries = all(source("AksWindowsMetrics/AksWindowsMetrics.psd1").root, "hash_entry");
  const list = entries.find(({ text }) => text.startsWith("FunctionsToExport"))?.text ?? "";
  exported = new Set(Array.from(list.matchAll(/'([^']+)'/g), ([, name = ""]) => name));
});

function source(name: string): Source {
  const found = sources.find((each) => each.name === name);
  if (!found) throw new Error(`There is no dsc/${name}.`);
  return found;
}
const product = (): readonly Source[] =>
  sources.filter(({ name }) => /^(?:AksWindowsMetrics\/|WindowsExporter\.)/.test(name));

describe("what runs on a node", () => {
  test("has the syntax of Windows PowerShell 5.1, and keeps the rules of its functions", () => {
    expect(product().length).toBeGreaterThan(5);
    expect(product().flatMap(checkSource)).toStrictEqual([]);
  });

  test("calls only its own functions and commands that 5.1 ships, by named parameters that exist", () => {
    const { functions, findings } = checkFunctions(product(), exported);
    expect([...findings, ...checkCalls(product(), functions)]).toStrictEqual([]);
  });

  test("exports exactly what the configuration calls", () => {
    const called = new Set(calls(configuration.root).map(({ name }) => name));
    expect(new Set([...called].filter((name) => /-Exporter/.test(name)))).toStrictEqual(exported);
  });

  test("has whole Script resources that depend on one another", () => {
    expect(calls(configuration.root).filter(({ name }) => name === "Script").length).toBeGreaterThan(5);
    expect(checkConfiguration(configuration)).toStrictEqual([]);
  });

  test("loads each of the module's files", () => {
    const parts = product().filter(({ name }) => /^AksWindowsMetrics\/.*\.ps1$/.test(name));
    const module = source("AksWindowsMetrics/AksWindowsMetrics.psm1").text;
    const [, list = ""] = /\$part in ([^)]+)\)/.exec(module) ?? [];
    const loaded = Array.from(list.matchAll(/'([^']+)'/g), ([, name]) => `AksWindowsMetrics/${name}.ps1`);
    expect(loaded.toSorted()).toStrictEqual(parts.map(({ name }) => name).toSorted());
  });

  test("has files of at most 200 lines, and tests of at most 300", () => {
    const long = sources.filter(({ name, text }) => text.split("\n").length > (name.startsWith("tests/") ? 301 : 201));
    expect(long.map(({ name }) => name)).toStrictEqual([]);
  });
});

describe("the Pester tests", () => {
  const PESTER = new Set([
    "Describe",
    "It",
    "BeforeDiscovery",
    "BeforeAll",
    "BeforeEach",
    "AfterAll",
    "Mock",
    "Should",
  ]);
  const others = new Set([...PESTER, "WindowsExporter", "Remove-Module", "Copy-Item", "Set-Content", "Add-Member"]);

  test("parse, and use only functions and parameters that exist", () => {
    const tests = sources.filter(({ name }) => name.endsWith(".Tests.ps1"));
    expect(tests).toHaveLength(1);
    const { functions } = checkFunctions(product(), exported);
    expect(tests.flatMap(({ root, name }) => (root.hasError ? [name] : []))).toStrictEqual([]);
    expect(checkCalls(tests, functions, others)).toStrictEqual([]);
  });

  test("replace only commands that the module calls", () => {
    const called = new Set(product().flatMap(({ root }) => calls(root).map(({ name }) => name)));
    const [pester] = sources.filter(({ name }) => name.endsWith(".Tests.ps1"));
    const replaced = Array.from((pester?.text ?? "").matchAll(/-CommandName ([\w-]+)/g), ([, name = ""]) => name);
    expect(replaced.length).toBeGreaterThan(5);
    expect(replaced.filter((name) => !called.has(name))).toStrictEqual([]);
  });
});

const inFunction = (body: string): string =>
  `function Get-Thing {\n<#\n.SYNOPSIS\nA thing.\n#>\n[CmdletBinding()]\nparam ()\n\n${body}\n}\nGet-Thing\n`;

describe("the checks", () => {
  test.each([
    ["a missing brace", "function Get-Thing {\n", "does not parse"],
    ["a null-coalescing operator", inFunction("$a = $b ?? 1"), "does not parse"],
    ["a ternary", inFunction("$a = $b ? 1 : 2"), "does not parse"],
    ["&&", inFunction("Get-Item -LiteralPath a && Get-Item -LiteralPath b"), "no && and no ||"],
    ["||", inFunction("Get-Item -LiteralPath a || Get-Item -LiteralPath b"), "no && and no ||"],
    ["an escape of 7", inFunction('"`e[0m"'), "no escapes `e"],
    ["a character's escape of 7", inFunction('"`u{2195}"'), "no escapes `e"],
    ["a number of 7", inFunction("$a = 0b101"), "0b101 is no function here, and in no table"],
    [
      "a member of .NET alone",
      inFunction("[System.IO.File]::Move(1, 2, $true); [System.IO.Path]::Join(1, 2)"),
      "members",
    ],
    ["a hash that FIPS mode refuses", inFunction("[System.Security.Cryptography.SHA256Managed]::new()"), "members"],
    [
      "a parameter of 7",
      inFunction("Get-Item -LiteralPath a | Where-Object -Parallel 1"),
      "Where-Object has no -parallel",
    ],
    ["a dash that is not ASCII", inFunction("'–'"), "not ASCII"],
    ["a reboot by DSC's variable", inFunction("$global:DSCMachineStatus = 1"), "reboots the node"],
    ["a reboot by the LCM", "RebootNodeIfNeeded = $true\n", "reboots the node"],
    ["a command in a variable", inFunction("& $program"), "no reader can tell"],
    ["an empty catch", inFunction("try { Get-Item -LiteralPath a } catch { # nothing\n }"), "empty catch"],
    ["a verb of its own", inFunction("1").replaceAll("Get-", "Grab-"), "approved verb"],
    ["a plural", inFunction("1").replaceAll("Thing", "Things"), "plural noun"],
    ["no help", inFunction("1").replace(".SYNOPSIS", ""), "no comment-based help"],
    ["no ShouldProcess", inFunction("1").replaceAll("Get-", "Set-"), "without ShouldProcess"],
    ["an unused parameter", inFunction("1").replace("param ()", "param ($Port)"), "does not use a parameter"],
    ["a long function", inFunction("1\n".repeat(50)), "more than 50 lines"],
    ["an unknown command", inFunction("Restart-Computer"), "in no table"],
    ["an alias", inFunction("gci"), "in no table"],
    ["an argument without a name", inFunction("Get-Item a"), "takes 'a' without a name"],
    ["a parameter that does not exist", inFunction("Get-Thing -Port 1"), "has no -port"],
    ["a function that is not called", inFunction("1").replace("\nGet-Thing\n", "\n"), "never called"],
    [
      "a missing parameter",
      inFunction("$Port").replace("param ()", "param (\n[Parameter(Mandatory)]\n[int]\n$Port\n)"),
      "wants -port",
    ],
  ])("find %s", (_name, text, finding) => {
    const planted = parse("planted.ps1", text);
    const { functions, findings } = checkFunctions([planted], new Set());
    expect([...checkSource(planted), ...findings, ...checkCalls([planted], functions)].join("\n")).toContain(finding);
  });

  test("find nothing in a good function", () => {
    const planted = parse("planted.ps1", inFunction("Get-Item -LiteralPath a | Select-Object -Last 1"));
    const { functions, findings } = checkFunctions([planted], new Set());
    expect([...checkSource(planted), ...findings, ...checkCalls([planted], functions)]).toStrictEqual([]);
  });

  const LINES = {
    a: ["GetScript = { @{ Result = Get-A } }", "TestScript = { Test-A -Verbose }", "SetScript = { Set-A -Verbose }"],
    b: ["DependsOn = '[Script]A'", "GetScript = { @{ Result = Get-B -Port $using:Port } }"],
    rest: ["TestScript = { Test-B -Port $using:Port -Verbose }", "SetScript = { Set-B -Verbose }"],
  };
  const GOOD =
    `configuration X {\nparam (\n$Port\n)\nNode localhost {\nScript A {\n${LINES.a.join("\n")}\n}\n` +
    `Script B {\n${[...LINES.b, ...LINES.rest].join("\n")}\n}\n}\n}\n`;

  test.each([
    ["nothing in a good configuration", "", "", /^$/],
    ["a missing GetScript", "GetScript = { @{ Result = Get-A } }", "", /has SetScript,TestScript, not/],
    ["a GetScript of another shape", "@{ Result = Get-A }", "Get-A", /does not return @\{ Result/],
    ["an outer variable", "$using:Port -Verbose", "$Port -Verbose", /uses \$Port, which does not reach/],
    ["an unknown outer variable", "$using:Port -Verbose", "$using:Part -Verbose", /the configuration does not have/],
    ["a dependency on nobody", "'[Script]A'", "'[Script]Z'", /depends on '\[Script\]Z', which no earlier/],
    ["a dependency on a later one", "'[Script]A'", "'[Script]B'", /which no earlier/],
    ["no dependency", "DependsOn = '[Script]A'\n", "", /depends on nothing/],
    ["a call without -Verbose", "Set-B -Verbose", "Set-B", /SetScript lacks -Verbose/],
    ["a second call", "{ Set-B -Verbose }", "{ Set-B -Verbose; Set-A -Verbose }", /makes 2 calls/],
  ])("find %s in a configuration", (_name, part, other, finding) => {
    expect(checkConfiguration(parse("planted.ps1", GOOD.replace(part, other))).join("\n")).toMatch(finding);
  });
});
