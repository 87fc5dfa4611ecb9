import { type Expected, UNINSTALL, installed } from "./powershell-scenarios.ts";

const ABSENT = { Ensure: "Absent" };

/** Scenarios of removing the exporter (Ensure Absent). */
export const ABSENT_SCENARIOS: readonly Expected[] = [
  {
    name: "absent",
    arguments: ABSENT,
    node: { Installed: installed("0.31.8"), Rule: "windows_exporter, TCP 9182 (aks-windows-metrics)" },
    journal: [UNINSTALL, "remove rule aks-windows-metrics"],
  },
  { name: "absent on a bare node", arguments: ABSENT, node: {}, journal: [] },
  {
    name: "absent, installer busy, then free",
    arguments: ABSENT,
    node: { Installed: installed("0.31.8"), Msiexec: [1618] },
    journal: [UNINSTALL, UNINSTALL],
  },
  {
    name: "absent with a wrong hash",
    arguments: { ...ABSENT, MsiSha256: "F".repeat(64) },
    node: { Installed: installed("0.31.8") },
    journal: [UNINSTALL],
  },
  {
    name: "absent after an interrupted removal",
    arguments: ABSENT,
    node: { Installed: { ...installed("0.31.8"), NoService: true } },
    journal: [UNINSTALL],
  },
  {
    name: "absent with a foreign product without a service",
    arguments: ABSENT,
    node: { Installed: { Version: "0.31.8", NoService: true } },
    journal: [],
  },
  {
    name: "absent, firewall cannot be queried",
    arguments: ABSENT,
    node: { Installed: installed("0.31.8"), FirewallBroken: true },
    journal: [UNINSTALL],
    says: /The firewall cannot be asked, which is not fatal: .*MpsSvc/,
  },
  {
    name: "absent with a foreign installation",
    arguments: ABSENT,
    node: { Installed: { Version: "0.31.8", Config: "C:/other/config.yaml" } },
    journal: [],
    says: /runs with another configuration; it is not ours, and is left/,
  },
];
