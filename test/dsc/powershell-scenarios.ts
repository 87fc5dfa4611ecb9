import type { FailureCause } from "../../shared/model/reason.ts";
import { configFor, type Scenario } from "./powershell-recorded.ts";

const FOLDER = "%BASE%/Program Files/aks-windows-metrics";
/** The journal line of an installation. */
export const INSTALL =
  'run msiexec.exe /i "%BASE%/Modules/AksWindowsMetrics/windows_exporter.msi" /qn /norestart ' +
  `/l*v "${FOLDER}/logs/install.log" CONFIG_FILE="${FOLDER}/config.yaml"`;
// The code of the initial product of a recorded node.
const CODE = "{00000000-0000-0000-0000-000000000101}";
/** The journal line of a removal of the initial product of a recorded node. */
export const UNINSTALL = `run msiexec.exe /x ${CODE} /qn /norestart /l*v "${FOLDER}/logs/uninstall.log"`;
/** The journal lines of a restart of the service. */
export const RESTART = ["stop service", "start service"];

/** AKS's own exporter, with the image name of the processes that the MSI ends. */
export const exporter = { Name: "windows_exporter.exe", Path: "C:/hpc/windows_exporter.exe", Ports: [19182] };
/** Returns an installed version with the package's configuration for port 9182. */
export const installed = (Version: string) => ({ Version, File: configFor(9182) });

/** A scenario with its expected outcome: the changes in order, the verbose output and the warnings. */
export interface Expected extends Scenario {
  readonly journal: readonly string[];
  readonly says?: RegExp;
  readonly warns?: RegExp;
  /** The step that fails, the cause that the app reads in its error, and the error. */
  readonly fails?: readonly [step: string, cause: FailureCause, error: RegExp];
}

/** The ways to the desired state, and the ways to fail. */
export const SCENARIOS: readonly Expected[] = [
  { name: "fresh install", node: {}, journal: [INSTALL] },
  { name: "success that requires a reboot", node: { Msiexec: [3010] }, journal: [INSTALL] },
  {
    name: "success that leaves the old program until a restart",
    node: { Installed: installed("0.31.7"), Msiexec: [3010], KeepsProgram: "0.31.7" },
    journal: [INSTALL, ...RESTART],
    fails: ["Health", "node", /says version '0\.31\.7', not 0\.31\.8\. The installer asked for a restart of this node/],
  },
  { name: "success that has started a reboot", node: { Msiexec: [1641] }, journal: [INSTALL] },
  { name: "upgrade", node: { Installed: installed("0.31.7") }, journal: [INSTALL] },
  {
    name: "uninstall key of a product that the installer does not know",
    node: { Installed: installed("0.31.8"), DeadKeys: ["0.31.7"], Processes: [exporter] },
    journal: [],
  },
  {
    name: "product that is only advertised",
    node: { Installed: { ...installed("0.31.7"), State: 1, NoService: true } },
    journal: [INSTALL],
  },
  { name: "downgrade", node: { Installed: installed("0.32.0") }, journal: [UNINSTALL, INSTALL] },
  { name: "nothing to do", node: { Installed: installed("0.31.8") }, journal: [] },
  {
    name: "upgrade with a changed config",
    node: { Installed: { Version: "0.31.7", File: "of: old\n" } },
    journal: [INSTALL],
  },
  { name: "installer busy, then free", node: { Msiexec: [1618, 1618] }, journal: [INSTALL, INSTALL, INSTALL] },
  {
    name: "installer always busy",
    node: { Msiexec: Array.from({ length: 50 }, () => 1618) },
    journal: Array.from({ length: 4 }, () => INSTALL),
    fails: [
      "Installation",
      "installer-busy",
      /Another installation holds the Windows Installer \(1618\)[^]*The last lines of [^\n]+install\.log:\n[^]+the end of the log$/,
    ],
  },
  {
    name: "1603 over a product that runs",
    node: { Installed: installed("0.31.7"), Msiexec: [1603] },
    journal: [INSTALL],
    fails: ["Installation", "package", /ended with 1603\. The exporter that runs was left as it is\./],
  },
  {
    name: "1603 over a broken product",
    node: { Installed: { ...installed("0.31.7"), Stopped: true }, Msiexec: [1603] },
    journal: [INSTALL, UNINSTALL, INSTALL],
  },
  {
    name: "1638 with another version of the same product code",
    node: { Installed: installed("0.31.7"), Msiexec: [1638] },
    journal: [INSTALL, UNINSTALL, INSTALL],
  },
  {
    name: "1603 repeatedly",
    node: { Msiexec: [1603, 1603] },
    journal: [INSTALL, INSTALL],
    fails: [
      "Installation",
      "package",
      /ended with 1603\.\nThe lines of [^\n]+install\.log that name an error:\n[^]*Error 1721\.[^]*Return value 3\.\nThe last lines of [^\n]+:\nProperty[^]+the end of the log$/,
    ],
  },
  {
    name: "uninstall that fails",
    node: { Installed: installed("0.32.0"), Msiexec: [1612] },
    journal: [UNINSTALL],
    fails: [
      "Installation",
      "node",
      /Removing windows_exporter 0\.32\.0 failed: msiexec ended with 1612\. The installer has lost its copy of that MSI\.[^]+the end of the log$/,
    ],
  },
  {
    name: "wrong hash on a bare node",
    arguments: { MsiSha256: "F".repeat(64) },
    node: {},
    journal: [],
    fails: ["Installation", "package", /has SHA-256 [0-9A-F]{64}, expected F{64}\. It was not run\./],
  },
  {
    name: "wrong hash with another version installed",
    arguments: { MsiSha256: "F".repeat(64) },
    node: { Installed: installed("0.32.0") },
    journal: [],
    fails: ["Installation", "package", /expected F{64}/],
  },
  {
    name: "MSI changed before the second attempt",
    node: { Msiexec: [1618], SwapsMsi: true },
    journal: [INSTALL],
    fails: ["Installation", "package", /It was not run\./],
  },
  {
    name: "MSI changed after a removal",
    node: { Installed: installed("0.31.7"), Msiexec: [1638], SwapsMsi: true },
    journal: [INSTALL, UNINSTALL],
    fails: ["Installation", "package", /It was not run\./],
  },
  {
    name: "msiexec that never ends",
    node: { Msiexec: ["never"] },
    journal: [INSTALL, "kill msiexec"],
    fails: ["Installation", "node", /did not end in time, and was ended[^]+the end of the log$/],
  },
  {
    // The waits are those for the installer, a neighbour, a busy installer, stop and start of the service, and health.
    name: "every wait at its longest, then a failure",
    node: { MsiSeconds: 104, Breaks: "silent", SlowService: true, Processes: [exporter] },
    journal: [INSTALL, ...RESTART],
    fails: ["Health", "package", /127\.0\.0\.1:9182\/version does not answer/],
    warns: /is not back after 20 s/,
  },
  {
    name: "msiexec that uses up the time of the second attempt",
    node: { Installed: installed("0.31.7"), MsiSeconds: 42, Msiexec: [1638] },
    journal: [INSTALL, UNINSTALL, INSTALL, "kill msiexec"],
    fails: ["Installation", "node", /did not end in time, and was ended/],
  },
  {
    name: "product without its service",
    node: { Installed: { ...installed("0.31.8"), NoService: true } },
    journal: [UNINSTALL, INSTALL],
  },
  {
    name: "program deleted",
    node: { Installed: { ...installed("0.31.8"), NoProgram: true } },
    journal: [UNINSTALL, INSTALL],
  },
  {
    name: "foreign installation",
    node: { Installed: { Version: "0.31.8", Config: "C:/other/config.yaml" } },
    journal: [],
    fails: [
      "Installation",
      "node",
      /which runs [^\n]*windows_exporter\.exe\. It was left as it is\. Remove it, or publish a package with TakeOver/,
    ],
  },
  {
    name: "foreign installation of the same version, to be taken over",
    arguments: { TakeOver: true },
    node: { Installed: { Version: "0.31.8", Config: "C:/other/config.yaml" } },
    journal: [UNINSTALL, INSTALL],
    says: /runs with another configuration; it is taken over/,
  },
  {
    name: "firewall rule requested",
    arguments: { FirewallRule: true },
    node: {},
    journal: [INSTALL, "new rule aks-windows-metrics Inbound Allow TCP 9182"],
  },
  {
    name: "firewall rule of another port",
    arguments: { FirewallRule: true },
    node: { Installed: installed("0.31.8"), Rule: "windows_exporter, TCP 9100 (aks-windows-metrics)" },
    journal: ["remove rule aks-windows-metrics", "new rule aks-windows-metrics Inbound Allow TCP 9182"],
  },
  {
    name: "firewall rule no longer requested",
    node: { Installed: installed("0.31.8"), Rule: "windows_exporter, TCP 9182 (aks-windows-metrics)" },
    journal: ["remove rule aks-windows-metrics"],
  },
];
