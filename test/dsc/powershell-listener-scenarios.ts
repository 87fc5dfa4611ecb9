import { type Expected, INSTALL, exporter } from "./powershell-scenarios.ts";

/** Scenarios with other listeners, and with a windows_exporter.exe that another tool runs. */
export const LISTENER_SCENARIOS: readonly Expected[] = [
  {
    name: "foreign listener on the port",
    node: { Processes: [{ Name: "other.exe", Path: "C:/other/other.exe", Ports: [9182] }] },
    journal: [],
    fails: [
      "Listener",
      "node",
      /Port 9182 is held by other\.exe \(pid \d+, C:\/other\/other\.exe\).* Nothing was installed\./,
    ],
  },
  {
    name: "port of AKS's exporter",
    arguments: { Port: 19182 },
    node: { Processes: [exporter] },
    journal: [],
    fails: ["Listener", "package", /Port 19182 is one that AKS or Windows uses/],
  },
  ...[10_250, 16_385, 30_000, 49_152].map((Port) => ({
    name: `reserved port ${Port}`,
    arguments: { Port },
    node: {},
    journal: [],
    fails: ["Listener", "package", /Nothing was installed\. Publish a package with another Port/] as const,
  })),
  {
    name: "AKS's exporter under another name",
    node: { Processes: [{ Name: "aks-exporter.exe", Path: "C:/k/aks-exporter.exe", Ports: [19182] }] },
    journal: [INSTALL],
    says: /Port 19182, that of AKS's own exporter, is held by aks-exporter\.exe \(pid \d+, C:\/k\/aks-exporter\.exe\)/,
  },
  {
    name: "AKS's exporter killed and not restarted",
    node: { Processes: [exporter] },
    journal: [INSTALL],
    warns: /ended C:\/hpc\/windows_exporter\.exe \(ports: 19182\), which is not ours, and it is not back after 20 s/,
  },
  {
    name: "AKS's exporter killed and restarted",
    node: { Processes: [{ ...exporter, Returns: 6 }] },
    journal: [INSTALL],
    says: /installer will end C:\/hpc\/windows_exporter\.exe \(ports: 19182\)[^]+ports: 19182\), which is not ours, runs/,
  },
  {
    name: "AKS's exporter cannot be queried after a failure",
    node: { Processes: [exporter], Msiexec: [1625], QueryFails: true },
    journal: [INSTALL],
    fails: ["Installation", "package", /ended with 1625/],
    warns: /could not be looked for: .*timed out/,
  },
  {
    name: "AKS's exporter cannot be queried after the installation",
    node: { Processes: [exporter], QueryFails: true },
    journal: [INSTALL],
    warns: /could not be looked for: .*timed out/,
  },
  {
    name: "exporter without a port killed and restarted",
    node: { Processes: [{ ...exporter, Ports: [], Returns: 6 }] },
    journal: [INSTALL],
    says: /windows_exporter\.exe \(ports: \), which is not ours, runs/,
  },
];
