/** The values of `configurationArguments`. */
export type Arguments = Readonly<Record<string, unknown>>;

/** A run of a configuration on an instance: the configuration's name, its arguments, and the computer's name. */
export interface Run {
  readonly name: string;
  readonly args: Arguments;
  readonly computer: string;
}

/** The resources of the configuration, in their order. The last one writes the evidence. */
const RESOURCES = ["Directory", "ConfigFile", "Listener", "Installation", "FirewallRule", "PackageMetric", "Health"];

/** The errors with which the module on the node ends a run. */
const MODULE_ERRORS = {
  package:
    "aks-windows-metrics cause=package: Installing windows_exporter failed: msiexec ended with 1603. The last lines of " +
    "C:\\Program Files\\aks-windows-metrics\\logs\\install.log:\nMSI (s) (A4:B8) [12:00:00:000]: Note: 1: 1708\n" +
    "MSI (c) (0C:10) [12:00:00:100]: MainEngineThread is returning 1603",
  node:
    "aks-windows-metrics cause=node: Port 9182 is held by other.exe (pid 4242, C:\\other\\other.exe), which is not the " +
    "service windows_exporter. Nothing was installed.",
  "installer-busy":
    "aks-windows-metrics cause=installer-busy: Another installation holds the Windows Installer (1618), and there is no " +
    "time left to wait for it.",
  "not-healthy":
    "aks-windows-metrics cause=package: windows_exporter is not healthy after a restart: " +
    "http://127.0.0.1:9182/version does not answer: The operation has timed out.",
} as const;

/** Why the module fails: an MSI that fails, a port that is taken, a busy installer, or an exporter without an answer. */
export type ModuleFailure = keyof typeof MODULE_ERRORS;

/**
 * Returns the engine's message if it cannot bind the arguments to the parameters of a configuration's script; undefined
 * if it can, or if the script has no parameters. Names are compared in any case.
 */
export function findBindingFault(script: string, args: Arguments): string | undefined {
  const [, block] = /\bparam\s*\(([^]*)/i.exec(script) ?? [];
  if (block === undefined) return undefined;
  const given = new Set(Object.keys(args).map((name) => name.toLowerCase()));
  const mandatory = [...block.matchAll(/\[Parameter\(\s*Mandatory\b[^$]*\$(\w+)/gi)].map(([, name = ""]) => name);
  const missing = mandatory.filter((name) => !given.has(name.toLowerCase()));
  if (missing.length > 0) {
    return `Cannot process command because of one or more missing mandatory parameters: ${missing.join(" ")}.`;
  }
  const known = new Set([...block.matchAll(/\$(\w+)/g)].map(([, name = ""]) => name.toLowerCase()));
  const unknown = Object.keys(args).find((name) => !known.has(name.toLowerCase()));
  return unknown === undefined ? undefined : `A parameter cannot be found that matches parameter name '${unknown}'.`;
}

/** Returns the verbose log of a run that succeeded, which ends with the evidence of the arguments' package and marker. */
export function successLog({ args, computer }: Run): string {
  const { Package: hash, Marker: marker, Ensure } = args;
  const metrics = Ensure === "Absent" ? "absent" : "ok";
  const isProven = typeof hash === "string" && typeof marker === "string";
  return logOf(computer, isProven ? [`aks-windows-metrics package=${hash} marker=${marker} metrics=${metrics}`] : []);
}

/** Returns the handler's message and the verbose log of a run in which the module failed. */
export function failedRun(failure: ModuleFailure, { name, computer }: Run): { message: string; log: string } {
  const error = MODULE_ERRORS[failure];
  const lcm =
    "PowerShell DSC resource MSFT_ScriptResource failed to execute Set-TargetResource functionality with error message: " +
    `${error} The SendConfigurationApply function did not succeed.`;
  return {
    message: `DSC Configuration '${name}' completed with error(s). Following are the first few: ${lcm}`,
    log: logOf(computer, ["The step ends with an error."]),
  };
}

/** Returns a log of the Local Configuration Manager in which the last resource writes some lines. */
function logOf(computer: string, lines: readonly string[]): string {
  const last = RESOURCES.at(-1);
  const resources = RESOURCES.flatMap((resource) => [
    `LCM:  [ Start  Resource ]  [[Script]${resource}]`,
    `LCM:  [ Start  Test     ]  [[Script]${resource}]`,
    ...(resource === last ? lines : []).map((line) => `                           [[Script]${resource}] ${line}`),
    `LCM:  [ End    Test     ]  [[Script]${resource}]  in 0.4380 seconds.`,
    `LCM:  [ Skip   Set      ]  [[Script]${resource}]`,
    `LCM:  [ End    Resource ]  [[Script]${resource}]`,
  ]);
  const all = ["LCM:  [ Start  Set      ]", ...resources, "LCM:  [ End    Set      ]"];
  const texts = [
    ...all.map((line) => `[2026-11-22 12:00:00Z] [VERBOSE] [${computer}]: ${line}`),
    "[2026-11-22 12:00:09Z] [VERBOSE] Operation 'Invoke CimMethod' complete.",
    "[2026-11-22 12:00:09Z] [VERBOSE] Time taken for configuration job to complete is 8.718 seconds",
  ];
  return texts.join("\r\n");
}
