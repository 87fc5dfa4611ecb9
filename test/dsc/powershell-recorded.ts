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

/** The configuration template of these tests, which {@link configFor} renders. */
const TEMPLATE = `collectors:
  enabled: "[defaults],container,textfile"
collector:
  textfile:
    directories:
      - 'C:\\Program Files\\aks-windows-metrics\\textfile_inputs'
web:
  listen-address: ":{{Port}}"
`;

/** Returns a node's configuration file for a port. */
export const configFor = (port: number): string => TEMPLATE.replace("{{Port}}", String(port));

/** The package that the configuration of a recorded node names, and its marker. */
export const PACKAGE = "a".repeat(64);
export const MARKER = "0123456789abcdef";
/** The input of the textfile collector for that package. */
export const METRIC =
  "# HELP aks_windows_metrics_package_info Package that this node applied, and the windows_exporter version in it.\n" +
  "# TYPE aks_windows_metrics_package_info gauge\n" +
  `aks_windows_metrics_package_info{version="0.31.8",package="${PACKAGE}"} 1\n`;
/** The ID of the content of that package. */
const CONTENT = "c".repeat(64);
const MSI_SHA256 = createHash("sha256").update(MSI).digest("hex");

/** The state of a node before the configuration runs. */
export interface GivenNode {
  /** The version of the bundled MSI. */
  readonly MsiVersion?: string;
  readonly Installed?: {
    readonly Version: string;
    /** The configuration path in the service's command line; that of the package if omitted. */
    readonly Config?: string;
    /** The content of the package's configuration file, two hours old; the service is one hour old. */
    readonly File?: string;
    /** The state of the product in the installer's database: 5 is installed, 1 is only advertised. */
    readonly State?: 1 | 5;
    readonly StartMode?: "Auto" | "Disabled";
    readonly Stopped?: boolean;
    /** Collectors of the running process that fail until the service is restarted. */
    readonly Dead?: readonly string[];
    /** The metric of the package is written with this text, and the running process does not read its folder. */
    readonly Blind?: string;
    /** A request to stop hangs: the service is StopPending, and its process runs. */
    readonly Wedged?: boolean;
    readonly NoProgram?: boolean;
    /** A removal was interrupted: the product is registered, but its service is missing. */
    readonly NoService?: boolean;
    /** The file was written while the clock was an hour ahead. */
    readonly FileAhead?: boolean;
  };
  /** Versions in Uninstall keys that the installer knows no product of. */
  readonly DeadKeys?: readonly string[];
  /** Other processes; a supervisor restarts a killed one after `Returns` seconds, or never if omitted. */
  readonly Processes?: readonly {
    readonly Name: string;
    readonly Path: string;
    readonly Ports: readonly number[];
    readonly Returns?: number;
  }[];
  /** The duration of each run of msiexec in seconds; 10 by default. */
  readonly MsiSeconds?: number;
  /** The version of the program that msiexec cannot replace before a restart. */
  readonly KeepsProgram?: string;
  /** Listing processes by name fails after msiexec has run. */
  readonly QueryFails?: boolean;
  /** Another process overwrites the bundled MSI while msiexec runs. */
  readonly SwapsMsi?: boolean;
  /** The service uses all the time that Windows allows to stop and to start. */
  readonly SlowService?: boolean;
  /** The exit codes of msiexec's next runs, `never` for one that hangs; later runs succeed. */
  readonly Msiexec?: readonly (number | "never")[];
  /** How the service fails: it stops immediately, accepts without a response, or responds with another version. */
  readonly Breaks?: string;
  /** Collectors that fail in every process. */
  readonly Dead?: readonly string[];
  /** The seconds until a started service listens. */
  readonly Warmup?: number;
  /** The seconds by which the clock is set forward, or back if negative, during the first wait. */
  readonly Jump?: number;
  readonly Rule?: string;
  readonly FirewallBroken?: boolean;
  /** The second at which AKS restarts the node by its scheduled task. */
  readonly RestartAt?: number;
  /** The seconds from the run of that task until the node goes down. */
  readonly RestartLag?: number;
  /** The seconds for which another program has a file open that the module writes, and which; config.yaml by default. */
  readonly BusySeconds?: number;
  readonly BusyFile?: "config.yaml" | "textfile_inputs/aks_windows_metrics.prom";
  /** Listening ports cannot be listed. */
  readonly TcpBroken?: boolean;
  /** Every query of a service or process fails. */
  readonly CimBroken?: boolean;
  /** A file has the name of the package's directory. */
  readonly RootIsFile?: boolean;
  /** The ID in the module's folder, if it belongs to another package than the configuration. */
  readonly Content?: string;
  /** The configuration template in the package. */
  readonly Template?: string;
  /**
   * What the service does not do: it hangs when it is stopped, its process cannot even be ended, it fails to start,
   * or its start mode cannot be changed.
   */
  readonly Refuses?: "Stop" | "StopAndEnd" | "Start" | "Mode";
}

/** A node, and the arguments of the configuration. */
export interface Scenario {
  readonly name: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
  readonly node: GivenNode;
}

interface Block {
  /** In virtual time. */
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
  /** One character per byte. */
  readonly Text: string;
  readonly Written: string;
}

/** One run of the configuration; `Journal` has all changes except those of files, `Seconds` are virtual. */
export interface Pass {
  readonly Steps: readonly Step[];
  readonly Lcm: Readonly<Record<string, unknown>>;
  readonly Journal: readonly string[];
  readonly Seconds: number;
  readonly Refused: string;
  readonly Files: readonly FileState[];
}

/** The outcome of a scenario: two runs of the configuration, in the second of which every Set runs too. */
export interface Outcome {
  readonly Files: readonly FileState[];
  readonly First: Pass;
  readonly Second: Pass;
  readonly Node: {
    readonly Products: readonly { readonly DisplayVersion: string }[];
    readonly Rules: readonly unknown[];
    readonly Processes: readonly { readonly ExecutablePath: string }[];
  };
  readonly Budget: Readonly<Record<string, number>>;
}

/** Runs the real configuration and module on recorded nodes in one `pwsh` process; returns the outcomes by name. */
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

/** Returns the configuration as a function, without $using:, because only Windows PowerShell has the keyword. */
function asFunction(): string {
  const text = readFileSync(path.join(DSC, "WindowsExporter.ps1"), "utf8");
  return text
    .replace(/^configuration (?=\w+ \{)/m, "function      ")
    .replaceAll("$using:", "$")
    .replace("{{Content}}", CONTENT);
}

function withDefaults({ name, node, arguments: given }: Scenario): unknown {
  const defaults = { Package: PACKAGE, Marker: MARKER, MsiSha256: MSI_SHA256, Version: "0.31.8" };
  return {
    Name: name,
    Arguments: { ...defaults, ...given },
    Node: {
      MsiVersion: "0.31.8",
      Template: TEMPLATE,
      Content: CONTENT,
      Processes: [],
      Msiexec: [],
      DeadKeys: [],
      Dead: [],
      BusyFile: "config.yaml",
      ...node,
    },
  };
}
