import { type Expected, INSTALL, RESTART, installed } from "./powershell-scenarios.ts";

/** Scenarios of the service and of what the exporter answers. */
export const HEALTH_SCENARIOS: readonly Expected[] = [
  {
    name: "service that stops immediately",
    node: { Breaks: "stops" },
    journal: [INSTALL, "start service"],
    fails: ["Health", "package", /not healthy after a restart: the service is Stopped/],
  },
  {
    name: "service that never responds",
    node: { Breaks: "silent" },
    journal: [INSTALL, ...RESTART],
    fails: ["Health", "package", /127\.0\.0\.1:9182\/version does not answer/],
  },
  {
    name: "service of another version",
    node: { Breaks: "0.31.2" },
    journal: [INSTALL, ...RESTART],
    fails: ["Health", "package", /says version '0\.31\.2', not 0\.31\.8/],
  },
  {
    name: "collector that fails until a restart",
    node: { Installed: { ...installed("0.31.8"), Dead: ["container", "cpu"] } },
    journal: RESTART,
    says: /Not healthy: \/metrics shows no success of: container, cpu\./,
  },
  {
    name: "collector that always fails",
    node: { Dead: ["container"] },
    journal: [INSTALL, ...RESTART],
    fails: ["Health", "package", /not healthy after a restart: \/metrics shows no success of: container\./],
  },
  {
    name: "template that does not read the folder of the metric",
    node: { Template: 'collectors:\n  enabled: "cpu,textfile"\nweb:\n  listen-address: ":{{Port}}"\n' },
    journal: [INSTALL],
    fails: ["PackageMetric", "package", /\/metrics does not show the metric in .*aks_windows_metrics\.prom/],
  },
  { name: "config changed", node: { Installed: { Version: "0.31.8", File: "of: old\n" } }, journal: RESTART },
  { name: "port changed", arguments: { Port: 9183 }, node: { Installed: installed("0.31.8") }, journal: RESTART },
  {
    name: "service stopped",
    node: { Installed: { ...installed("0.31.8"), Stopped: true } },
    journal: ["start service"],
  },
  {
    name: "service disabled and stopped",
    node: { Installed: { ...installed("0.31.8"), Stopped: true, StartMode: "Disabled" } },
    journal: ["set service Automatic", "start service"],
  },
  {
    name: "config written before the clock was set back",
    node: { Installed: { ...installed("0.31.8"), FileAhead: true } },
    journal: RESTART,
  },
  { name: "service that needs 15 s to listen", node: { Warmup: 15 }, journal: [INSTALL] },
];
