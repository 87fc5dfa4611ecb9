import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const DSC = fileURLToPath(new URL("../../dsc/", import.meta.url));
const RUNNER = fileURLToPath(new URL("powershell-run.ps1", import.meta.url));
const MSI = "the bytes of an installer";

/** The template beside the module in these tests; what it makes for a port is {@link configFor}. */
const TEMPLATE = 'web:\n  listen-address: ":{{Port}}"\n';

/** The configuration file that a node gets for a port. */
export const configFor = (port: number): string => TEMPLATE.replace("{{Port}}", String(port));

const MSI_SHA256 = createHash("sha256").update(MSI).digest("hex");

/** What a node holds before the configuration comes; `MsiVersion` is the bundled MSI's. */
export interface GivenNode {
  readonly Installed?: {
    readonly Version: string;
    /** The configuration path in the service's command line; ours without it. */
    readonly Config?: string;
    /** The content of our configuration file, two hours old; the service is one hour old. */
    readonly File?: string;
    readonly View?: "x64" | "x86";
    readonly StartMode?: "Auto" | "Disabled";
    readonly Stopped?: boolean;
    readonly NoProgram?: boolean;
    /** A removal was ended halfway: the product is registered, its service is gone. */
    readonly NoService?: boolean;
    /** Our file was written while the clock was an hour ahead. */
    readonly FileAhead?: boolean;
  };
  /** Other processes; `Returns` is after how many seconds a supervisor starts a killed one anew, never without it. */
  readonly Processes?: readonly {
    readonly Name: string;
    readonly Path: string;
    readonly Ports: readonly number[];
    readonly Returns?: number;
  }[];
  /** Seconds that each run of msiexec takes; 10 without it. */
  readonly MsiSeconds?: number;
  /** Once msiexec ran, processes can no longer be listed by their name. */
  readonly LookBreaks?: boolean;
  /** Somebody writes other bytes to the bundled MSI while msiexec runs. */
  readonly SwapsMsi?: boolean;
  /** The service takes all the time that Windows gives it, to stop and to start. */
  readonly SlowService?: boolean;
  /** Exit codes of msiexec's next runs, `never` for one that hangs; afterwards all succeed. */
  readonly Msiexec?: readonly (number | "never")[];
  /** How the service fails to serve: it ends at once, accepts without an answer, or answers with another version. */
  readonly Breaks?: string;
  /** Seconds until a started service listens. */
  readonly Warmup?: number;
  readonly Rule?: string;
  readonly FirewallBroken?: boolean;
}

/** One node and the arguments that reach it. */
export interface Scenario {
  readonly name: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
  readonly node: GivenNode;
}

interface Block {
  /** By the recorded clock. */
  readonly Seconds: number;
  readonly Output: readonly unknown[];
  readonly Verbose: readonly string[];
  readonly Warning: readonly string[];
  readonly Error: string;
}

interface Step {
  readonly Name: string;
  readonly Changed: boolean;
  readonly Skipped: boolean;
  readonly Before: Block;
  readonly Test?: Block;
  readonly Set?: Block;
  readonly TestAfter?: Block;
  readonly After?: Block;
}

interface FileState {
  readonly Path: string;
  /** One character for each byte. */
  readonly Text: string;
  readonly Written: string;
}

/** One application of the configuration; `Journal` lists each change but those of files, `Seconds` are virtual. */
export interface Pass {
  readonly Steps: readonly Step[];
  readonly Lcm: Readonly<Record<string, unknown>>;
  readonly Journal: readonly string[];
  readonly Seconds: number;
  readonly Refused: string;
  readonly Files: readonly FileState[];
}

/** What became of a scenario: two applications after another, in the second of which every Set runs too. */
export interface Outcome {
  readonly Files: readonly FileState[];
  readonly First: Pass;
  readonly Second: Pass;
  readonly Node: {
    readonly Products: readonly { readonly DisplayVersion: string }[];
    readonly Rules: readonly unknown[];
  };
  readonly Budget: Readonly<Record<string, number>>;
}

/** Applies the real configuration and module to recorded nodes, all in one process of `pwsh`; outcomes by name. */
export async function runRecorded(pwsh: string, scenarios: readonly Scenario[]): Promise<ReadonlyMap<string, Outcome>> {
  const folder = mkdtempSync(path.join(tmpdir(), "recorded-node-"));
  try {
    const module = path.join(folder, "base", "Modules", "AksWindowsMetrics");
    mkdirSync(path.dirname(module), { recursive: true });
    cpSync(path.join(DSC, "AksWindowsMetrics"), module, { recursive: true });
    writeFileSync(path.join(module, "windows_exporter.msi"), MSI);
    writeFileSync(path.join(module, "config.yaml"), TEMPLATE);
    writeFileSync(path.join(folder, "configuration.ps1"), asFunction());
    writeFileSync(path.join(folder, "scenarios.json"), JSON.stringify(scenarios.map(withDefaults)));
    const part = (name: string): string => path.join(folder, name);
    const parts = ["-Scenarios", part("scenarios.json"), "-Results", part("results.json"), "-Base", part("base")];
    const flags = ["-NoProfile", "-NonInteractive", "-File", RUNNER, ...parts];
    await promisify(execFile)(pwsh, [...flags, "-Configuration", part("configuration.ps1")]);
    const results: readonly (Outcome & { readonly Name: string })[] = JSON.parse(
      readFileSync(part("results.json"), "utf8"),
    );
    return new Map(results.map((result) => [result.Name, result]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The configuration as a function: only Windows PowerShell has the keyword, and a test has no $using:. */
function asFunction(): string {
  const text = readFileSync(path.join(DSC, "WindowsExporter.ps1"), "utf8");
  return text.replace(/^configuration (?=\w+ \{)/m, "function      ").replaceAll("$using:", "$");
}

function withDefaults({ name, node, arguments: given }: Scenario): unknown {
  const defaults = { Package: "a".repeat(64), MsiSha256: MSI_SHA256, Version: "0.31.8" };
  return {
    Name: name,
    Arguments: { ...defaults, ...given },
    Node: { MsiVersion: "0.31.8", Processes: [], Msiexec: [], ...node },
  };
}
