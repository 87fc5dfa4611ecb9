import fc from "fast-check";
import { type GivenNode, type Scenario, configFor } from "./powershell-recorded.ts";

const PROCESS = fc.record({
  Name: fc.constantFrom("windows_exporter.exe", "other.exe"),
  Path: fc.constantFrom("C:/a/one.exe", "C:/b/two.exe"),
  Ports: fc.constantFrom([], [19_182], [9_183], [9_300]),
  Returns: fc.constantFrom(0, 5, 60),
});
const INSTALLED = fc.record(
  {
    Version: fc.constantFrom("0.30.0", "0.31.7", "0.31.8", "0.32.0", "1.0.0"),
    Config: fc.constant("C:/other/config.yaml"),
    File: fc.constantFrom(configFor(9182), configFor(9183), "of: old\n"),
    StartMode: fc.constantFrom("Auto" as const, "Disabled" as const),
    Stopped: fc.boolean(),
    Dead: fc.constantFrom([], ["container"]),
    Wedged: fc.boolean(),
    NoProgram: fc.boolean(),
    NoService: fc.boolean(),
    FileAhead: fc.boolean(),
  },
  { requiredKeys: ["Version"] },
);
const EXITS = [0, 0, 0, 0, 1618, 1603, 1605, 1612, 1625, 1638, 1641, 3010, "never"] as const;
const NODE: fc.Arbitrary<GivenNode> = fc.record(
  {
    Installed: INSTALLED,
    DeadKeys: fc.constantFrom([], ["0.31.7"]),
    Processes: fc.array(PROCESS, { maxLength: 2 }),
    Msiexec: fc.array(fc.constantFrom<number | "never">(...EXITS), { maxLength: 4 }),
    Breaks: fc.constantFrom("", "", "", "stops", "silent"),
    Warmup: fc.nat(45),
    MsiSeconds: fc.integer({ min: 1, max: 130 }),
    SlowService: fc.boolean(),
    Refuses: fc.constantFrom("Stop" as const, "StopAndEnd" as const, "Start" as const, "Mode" as const),
    RestartAt: fc.constantFrom(0, 0, 0, 10, 100),
    Jump: fc.constantFrom(-3600, 0, 3600),
    Rule: fc.constant("windows_exporter, TCP 9182 (aks-windows-metrics)"),
    FirewallBroken: fc.boolean(),
  },
  { requiredKeys: [] },
);
/** Faults that end a run early, and so hide others: most nodes have none. */
const FAULT = fc.constantFrom<GivenNode>(
  {},
  {},
  {},
  { MsiVersion: "0.31.2" },
  { MsiVersion: "0.32.0" },
  { KeepsProgram: "0.31.7" },
  { SwapsMsi: true },
  { QueryFails: true },
  { CimBroken: true },
  { TcpBroken: true },
  { RootIsFile: true },
  { Content: "d".repeat(64) },
  { Template: "web: {}\n" },
  { Dead: ["container"] },
  { BusySeconds: 3 },
  { BusySeconds: 900 },
  { BusySeconds: 40, BusyFile: "textfile_inputs/aks_windows_metrics.prom" },
);
const ARGUMENTS = fc.record({
  Ensure: fc.constantFrom("Present", "Present", "Absent"),
  Port: fc.constantFrom(9182, 9183),
  FirewallRule: fc.boolean(),
  TakeOver: fc.boolean(),
});

/** Returns random nodes and arguments, the same for the same seed. */
export function randomScenarios(numRuns: number, seed: number): readonly Scenario[] {
  return fc
    .sample(fc.tuple(NODE, FAULT, ARGUMENTS), { numRuns, seed })
    .map(([node, fault, given], index) => ({ name: `random ${index}`, node: { ...node, ...fault }, arguments: given }));
}
