import { type Definition, type Source, callsOf, definitionsOf } from "./powershell-text.ts";

/** The commands of Windows PowerShell 5.1 that the package calls. None of them reboots a node. */
const COMMANDS =
  "ConvertFrom-Json ForEach-Object Get-CimInstance Get-Content Get-Item Get-NetFirewallRule Get-NetTCPConnection Get-ScheduledTaskInfo Get-Service " +
  "Import-Module Join-Path New-Item New-NetFirewallRule New-Object Remove-Item Remove-NetFirewallRule " +
  "Select-Object Set-Service Sort-Object Start-Process Start-Sleep Stop-Process Test-Path Where-Object Write-Verbose Write-Warning";
const DSC_KEYWORDS = "configuration Import-DscResource Node LocalConfigurationManager Script";
const KNOWN = new Set(`${COMMANDS} ${DSC_KEYWORDS}`.split(" "));
const COMMON = new Set(["verbose", "erroraction", "whatif", "confirm"]);

/**
 * Commands that are functions of other modules, or ask Windows for something that can fail. The error preference of our
 * module does not reach functions of others, so each call must say itself that an error ends it.
 */
const MUST_STOP =
  /^(?:Get-CimInstance|Get-NetTCPConnection|\w+-NetFirewallRule|\w+-Service|\w+-ScheduledTask\w*|Stop-Process|New-Object)$/;

/** A pattern that no file may contain. */
type Rule = readonly [why: string, pattern: RegExp, where: "code" | "text"];

const RULES: readonly Rule[] = [
  ["reboots the node", /\bDSCMachineStatus\b|\bRebootNodeIfNeeded\s*=(?!\s*\$false\b).*/i, "code"],
  // Windows PowerShell 5.1 parses both differently, without an error.
  ["escapes `e and `u{} need PowerShell 7", /(?<!`)(?:``)*`(?:e|u\{)/, "text"],
  ["binary numbers need PowerShell 7", /\b0b[01]+/i, "code"],
  ["FIPS mode refuses this hash", /\b(?:MD5|RIPEMD160|SHA\d+(?:Managed|\]::Create))/i, "code"],
  // The clock of a fresh machine is set during a run. Only the times of files and processes are compared with it.
  ["hides an error", /-ErrorAction (?!Stop\b)\w+/i, "code"],
  ["measures a limit by the clock", /\bGet-Date\b|\bNow\.Add(?!Seconds\(-1\))\w*/i, "code"],
  // The app reads the cause in the extension's status.
  ["throws an error without a cause", /\bthrow\b(?! \((?:Get|Resolve)-(?:FailureText|MsiFailure) ).*/, "code"],
  // The module dot-sources its own files with Join-Path.
  ["runs what only a variable or an expression names", /(?<![&>])&(?!&).*|(?<!\S)\.\s+(?!\(Join-Path )\S.*/, "code"],
];

/** Returns the violations in a single source. */
export function checkSource(source: Source): readonly string[] {
  const found = RULES.flatMap(([why, pattern, where]) => {
    const [match] = pattern.exec(source[where]) ?? [];
    return match === undefined ? [] : [`${source.name}: ${why}: ${match}`];
  });
  const definitions = definitionsOf(source);
  const isRead = (source.code.match(/\bfunction\b/gi) ?? []).length === definitions.length;
  return [
    ...found,
    ...(isRead ? [] : [`${source.name}: a function does not start and end at the beginning of a line`]),
    ...definitions.flatMap(checkDefinition),
  ];
}

function checkDefinition({ name, body }: Definition): readonly string[] {
  const lines = body.split("\n").filter((line) => line.trim() !== "");
  return [
    ...(/^ {4}\[CmdletBinding\(/m.test(body) ? [] : [`${name} has no CmdletBinding, and so no -Verbose`]),
    ...(lines.length > 50 ? [`${name} has more than 50 lines`] : []),
  ];
}

/** Returns the functions that sources define, by name. */
export const functionsOf = (sources: readonly Source[]): ReadonlyMap<string, Definition> =>
  new Map(sources.flatMap(definitionsOf).map((definition) => [definition.name, definition]));

/** Returns the calls of other modules' commands without -ErrorAction Stop. */
export const callsWithoutStop = (sources: readonly Source[]): readonly string[] =>
  sources.flatMap((source) =>
    callsOf(source.code)
      .filter(({ name, parameters }) => MUST_STOP.test(name) && !parameters.includes("erroraction"))
      .map(({ name }) => `${source.name}: ${name} lacks -ErrorAction Stop`),
  );

/** Returns the names of the commands and functions that sources call. */
export const calledBy = (sources: readonly Source[]): ReadonlySet<string> =>
  new Set(sources.flatMap(({ code }) => callsOf(code).map(({ name }) => name)));

/** Returns the commands that sources call and that are neither functions nor known commands. */
export const unknownCommands = (sources: readonly Source[], functions: ReadonlyMap<string, Definition>) =>
  [...calledBy(sources)].filter((name) => !functions.has(name) && !KNOWN.has(name));

/** Returns the violations in function calls: parameters that do not exist, and missing mandatory parameters. */
export function checkCalls(sources: readonly Source[], functions: ReadonlyMap<string, Definition>): readonly string[] {
  return sources.flatMap((source) =>
    callsOf(source.code).flatMap(({ name, parameters, isSplat }) => {
      const definition = functions.get(name);
      if (!definition) return [];
      const known = new Set([...definition.parameters, ...COMMON]);
      const unknown = parameters.filter((parameter) => !known.has(parameter));
      const missing = isSplat ? [] : definition.mandatory.filter((parameter) => !parameters.includes(parameter));
      return [
        ...unknown.map((parameter) => `${source.name}: ${name} has no -${parameter}`),
        ...missing.map((parameter) => `${source.name}: ${name} requires -${parameter}`),
      ];
    }),
  );
}
