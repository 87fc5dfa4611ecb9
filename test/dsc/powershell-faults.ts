import { parseEvidence } from "../../shared/extension/run-result.ts";
import { MARKER, type Outcome, PACKAGE, type Pass, type Scenario } from "./powershell-recorded.ts";
import { evidenceLine, logOf } from "./powershell-status.ts";

/** The folder of the package's files, relative to a recorded node's base. */
export const OURS = "Program Files/aks-windows-metrics/";
// The folder of the recorded installer.
const EXPORTER = "Program Files/windows_exporter/";
const CHANGE =
  /^(?:restart node$|run msiexec\.exe \/[ix] |kill msiexec$|end windows_exporter\.exe$|(?:stop|start|set) service|(?:new|remove) rule aks-windows-metrics)/;

type Step = Pass["Steps"][number];

/** Returns the verbose output of a pass, in order. */
export const verbose = ({ Steps }: Pass): readonly string[] =>
  Steps.flatMap(({ Test, Set }) => [...(Test?.Verbose ?? []), ...(Set?.Verbose ?? [])]);

/** Returns the warnings of a pass. */
export const warnings = ({ Steps }: Pass): readonly string[] =>
  Steps.flatMap(({ Test, Set }) => [...(Test?.Warning ?? []), ...(Set?.Warning ?? [])]);

/** Returns the error of a step, or an empty text. */
export const errorOf = (step: Step | undefined): string => `${step?.Test?.Error ?? ""}${step?.Set?.Error ?? ""}`;

/** Returns the step that failed. */
export const failed = ({ Steps }: Pass): Step | undefined => Steps.find((step) => errorOf(step) !== "");

const others = (files: Pass["Files"]): string =>
  JSON.stringify(files.filter(({ Path }) => !`${Path}/`.startsWith(OURS) && !Path.startsWith(EXPORTER)));

/** Returns violations of the rules for every run on every node, even if it fails. */
export function findHarm({ node }: Scenario, { Files, First, Second, Node }: Outcome): readonly string[] {
  const running = Node.Processes.map(({ ExecutablePath }) => ExecutablePath);
  // The MSI itself ends each windows_exporter.exe, and not every one has a supervisor.
  const neighbours = (node.Processes ?? []).filter(({ Name }) => Name !== "windows_exporter.exe");
  return [
    ...[First, Second].flatMap((pass) => [
      ...(pass.Seconds > 300 ? [`lasted ${pass.Seconds} s`] : []),
      ...(others(pass.Files) === others(Files) ? [] : ["wrote outside its directory"]),
      ...pass.Journal.filter((change) => !CHANGE.test(change)),
    ]),
    ...neighbours.filter(({ Path }) => !running.includes(Path)).map(({ Path }) => `${Path} is gone`),
  ];
}

/** Returns the errors of every block of a scenario, of those that only read too. */
export const errorsOf = ({ First, Second }: Outcome): readonly string[] =>
  [...First.Steps, ...Second.Steps].flatMap(({ Before, Test, Set, TestAfter, After }) =>
    [Before, Test, Set, TestAfter, After].flatMap((block) => (block?.Error ? [block.Error] : [])),
  );

/** Returns what a run lacks: the desired state, an idempotent second run and evidence; a failed run must lack them. */
export function findMissing(scenario: Scenario, { First, Second }: Outcome): readonly string[] {
  const wrong = failed(First);
  if (wrong) {
    const after = First.Steps.slice(First.Steps.indexOf(wrong) + 1).filter(({ Skipped }) => !Skipped);
    const said = parseEvidence([logOf(First)]) ? ["evidence of a run that failed"] : [];
    return [...after.map(({ Name }) => `${Name} ran after ${wrong.Name} failed`), ...said];
  }
  return [
    ...First.Steps.filter((step) => !isReached(step, scenario)).map(
      ({ Name }) => `${Name} is not in the desired state`,
    ),
    ...First.Steps.filter(({ Before, After }) => !isText(Before) || !isText(After)).map(
      ({ Name }) => `${Name} returns no text`,
    ),
    ...(errorOf(failed(Second)) === "" ? [] : [`the second run fails: ${errorOf(failed(Second))}`]),
    ...Second.Journal.map((change) => `the second run changes: ${change}`),
    ...(JSON.stringify(Second.Files) === JSON.stringify(First.Files) ? [] : ["the second run writes files"]),
    ...findMissingEvidence(scenario.arguments?.["Ensure"] === "Absent" ? "absent" : "ok", [First, Second]),
  ];
}

/** Each run ends with the evidence; in the second one, the last step writes it in Test and in Set. */
function findMissingEvidence(metrics: "ok" | "absent", runs: readonly [Pass, Pass]): readonly string[] {
  const line = evidenceLine(metrics);
  const { Test, Set } = runs[1].Steps.at(-1) ?? {};
  const parsed = JSON.stringify({ package: PACKAGE, marker: MARKER, metrics });
  return [
    ...runs.filter((run) => verbose(run).at(-1) !== line).map(() => `the last line is not ${line}`),
    ...runs
      .filter((run) => JSON.stringify(parseEvidence([logOf(run)])) !== parsed)
      .map(() => "no evidence for the app"),
    ...[Test, Set].filter((block) => block?.Verbose.at(-1) !== line).map(() => "no evidence in Test and Set"),
  ];
}

// A firewall that cannot be changed is not an error.
const isReached = ({ Name, TestAfter }: Step, { node }: Scenario): boolean =>
  (Name === "FirewallRule" && node.FirewallBroken === true) || JSON.stringify(TestAfter?.Output) === "[true]";

const isText = (block: Step["Before"] | undefined): boolean =>
  /^\[\{"Result":"[^]+"\}\]$/.test(JSON.stringify(block?.Output) ?? "");
