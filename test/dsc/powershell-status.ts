import { MARKER, PACKAGE, type Pass } from "./powershell-recorded.ts";

/** Returns the line that a run writes last: `ok` if the exporter is healthy, `absent` if it is removed. */
export const evidenceLine = (metrics: string): string =>
  `aks-windows-metrics package=${PACKAGE} marker=${MARKER} metrics=${metrics}`;

/** Returns the verbose log of a run, as the Local Configuration Manager writes it. */
export function logOf({ Steps }: Pass): string {
  const lines = Steps.flatMap(({ Name, Test, Set }) =>
    [
      ...stage(Name, "Test", Test?.Verbose ?? []),
      ...(Set ? stage(Name, "Set ", Set.Verbose) : []),
      `LCM:  [ End    Resource ]  [[Script]${Name}]`,
    ].map((line) => `[2026-11-22 12:00:00Z] [VERBOSE] [AKSWIN1000000]: ${line}`),
  );
  return lines.join("\r\n");
}

function stage(name: string, what: string, lines: readonly string[]): readonly string[] {
  return [
    `LCM:  [ Start  ${what}     ]  [[Script]${name}]`,
    ...lines.map((line) => `                           [[Script]${name}] ${line}`),
    `LCM:  [ End    ${what}     ]  [[Script]${name}]  in 0.4380 seconds.`,
  ];
}

/** Returns the texts in which a module's error can reach the app: alone, in the handler's text, cut, and in ARM's. */
export function reportsOf(error: string): readonly string[] {
  const lcm =
    "PowerShell DSC resource MSFT_ScriptResource failed to execute Set-TargetResource functionality with error ";
  const handler =
    "DSC Configuration 'WindowsExporter' completed with error(s). Following are the first few: " +
    `${lcm}message: ${error} The SendConfigurationApply function did not succeed.`;
  const type = "(publisher 'Microsoft.Powershell' and type 'DSC')";
  const arm = `VM has reported a failure when processing extension 'windows-exporter-dsc' ${type}. Error message: `;
  const start = handler.indexOf(error);
  return [error, handler, handler.slice(start - 10), handler.slice(0, start + 45), `${arm}"${handler}".`];
}
