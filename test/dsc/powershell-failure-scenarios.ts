import { type Expected, INSTALL, installed, UNINSTALL } from "./powershell-scenarios.ts";

/** Scenarios of errors that Windows itself reports, and of a package that cannot work. */
export const FAILURE_SCENARIOS: readonly Expected[] = [
  {
    name: "template without its placeholder",
    node: { Template: "web: {}\n" },
    journal: [],
    fails: ["ConfigFile", "package", /config\.yaml has the placeholder \{\{Port\}\} 0 times; it must have it once/],
  },
  {
    name: "module of a later package, whose configuration was not applied",
    node: { Installed: installed("0.31.7"), Content: "d".repeat(64), Template: "of: b\n" },
    journal: [],
    says: /^$/,
    fails: ["Module", "node", /it has the ID d{64}, expected c{64}\. Nothing was changed\./],
  },
  {
    name: "absent with the module of a later package",
    arguments: { Ensure: "Absent" },
    node: { Installed: installed("0.31.8"), Content: "d".repeat(64) },
    journal: [],
    says: /^$/,
    fails: ["Module", "node", /Nothing was changed\./],
  },
  {
    name: "directory that cannot be created",
    node: { RootIsFile: true },
    journal: [],
    fails: ["ConfigFile", "node", /cannot be written: .*Could not find a part of the path/],
  },
  {
    name: "queries that fail",
    node: { Installed: installed("0.31.8"), CimBroken: true },
    journal: [],
    fails: ["Listener", "node", /cannot complete the operation within the time/],
  },
  {
    name: "restart that AKS has scheduled",
    node: { RestartAt: 15 },
    journal: ["restart node", INSTALL],
  },
  {
    name: "restart that does not come",
    node: { RestartAt: 120 },
    journal: [],
    fails: ["Restart", "node", /has scheduled a restart of this node \(task restart-computer\), and it did not come/],
  },
  {
    name: "file that another program has open for 3 s",
    node: { Installed: { Version: "0.31.8", File: "of: old\n" }, BusySeconds: 3 },
    journal: ["stop service", "start service"],
    says: /config\.yaml cannot be written yet: .*being used by another process/,
  },
  {
    name: "file that another program keeps open",
    node: { Installed: installed("0.31.7"), Template: 'a: 1\nweb:\n  listen-address: ":{{Port}}"\n', BusySeconds: 900 },
    journal: [],
    fails: ["ConfigFile", "node", /config\.yaml cannot be written: .*being used by another process.*Close the program/],
  },
  {
    name: "ports that cannot be listed",
    node: { TcpBroken: true },
    journal: [],
    fails: ["Listener", "node", /Provider load failure/],
  },
  {
    name: "start mode that cannot be changed",
    node: { Installed: { ...installed("0.31.8"), StartMode: "Disabled" }, Refuses: "Mode" },
    journal: [],
    fails: ["Health", "node", /cannot be configured: Access is denied/],
  },
  {
    name: "no time left for the second attempt",
    node: { Installed: installed("0.31.7"), MsiSeconds: 52, Msiexec: [1638] },
    journal: [INSTALL, UNINSTALL],
    fails: ["Installation", "node", /There is no time left to run msiexec/],
  },
  {
    name: "MSI of a later version than the package says",
    node: { Installed: installed("0.32.0"), MsiVersion: "0.32.0" },
    journal: [UNINSTALL, INSTALL],
    fails: ["Installation", "package", /still not as wanted \(Present, 0\.31\.8\)/],
  },
  {
    name: "installer that changes nothing",
    node: { MsiVersion: "0.31.2" },
    journal: [INSTALL],
    fails: ["Installation", "package", /still not as wanted \(Present, 0\.31\.8\)[^]+the end of the log$/],
  },
  {
    name: "service that does not stop",
    node: { Installed: { Version: "0.31.8", File: "of: old\n" }, Refuses: "Stop" },
    journal: ["stop service", "end windows_exporter.exe", "start service"],
    says: /is StopPending after 10 s; its process \d+ is ended/,
  },
  {
    name: "service that hangs while it stops",
    node: { Installed: { ...installed("0.31.8"), Wedged: true } },
    journal: ["end windows_exporter.exe", "start service"],
  },
  {
    name: "service that hangs while it stops, before an upgrade",
    node: { Installed: { ...installed("0.31.7"), Wedged: true } },
    journal: ["end windows_exporter.exe", INSTALL],
  },
  {
    name: "service whose process cannot be ended",
    node: { Installed: { Version: "0.31.8", File: "of: old\n" }, Refuses: "StopAndEnd" },
    journal: ["stop service", "end windows_exporter.exe"],
    fails: ["Health", "node", /is StopPending, and its process \d+ does not end\. Restart this node/],
  },
  {
    name: "service that does not start",
    node: { Installed: { ...installed("0.31.8"), Stopped: true }, Refuses: "Start" },
    journal: ["start service"],
    fails: ["Health", "package", /The service windows_exporter does not start: .*Cannot start service/],
  },
  {
    name: "clock set back during a wait",
    node: { Breaks: "silent", Jump: -3600 },
    journal: [INSTALL, "stop service", "start service"],
    fails: ["Health", "package", /127\.0\.0\.1:9182\/version does not answer/],
  },
  {
    name: "clock set forward during a wait",
    node: { Warmup: 15, Jump: 3600 },
    journal: [INSTALL],
  },
  {
    name: "absent, removal that fails",
    arguments: { Ensure: "Absent" },
    node: { Installed: installed("0.31.8"), Msiexec: [1612] },
    journal: [UNINSTALL],
    fails: [
      "Installation",
      "node",
      /Removing windows_exporter 0\.31\.8 failed: msiexec ended with 1612\. The installer has lost/,
    ],
  },
  {
    name: "absent, queries that fail",
    arguments: { Ensure: "Absent" },
    node: { Installed: installed("0.31.8"), CimBroken: true },
    journal: [],
    says: /^$/,
    fails: ["Installation", "node", /cannot complete the operation within the time/],
  },
];
