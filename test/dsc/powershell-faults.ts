import type { Outcome, Pass, Scenario } from "./powershell-recorded.ts";

/** The line that shows that the package of these tests is healthy. */
export const HEALTHY = `aks-windows-metrics package=${"a".repeat(64)} healthy`;

/** The folder of the package's files, relative to a recorded node's base. */
export const OURS = "Program Files/aks-windows-metrics/";
// The folder of the recorded installer.
const EXPORTER = "Program Files/windows_exporter/";
const CHANGE =
  /^(?:run msiexec\.exe \/[ix] |kill msiexec$|(?:stop|start|set) service|(?:new|remove) rule aks-windows-metrics)/;

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
  JSON.stringify(files.filter(({ Path }) => !Path.startsWith(OURS) && !Path.startsWith(EXPORTER)));

/** Returns violations of the rules for every run on every node, even if it fails. */
export function findHarm({ Files, First, Second }: Outcome): readonly string[] {
  return [First, Second].flatMap((pass) => [
    ...(pass.Seconds > 300 ? [`lasted ${pass.Seconds} s`] : []),
    ...(others(pass.Files) === others(Files) ? [] : ["wrote outside its directory"]),
    ...pass.Journal.filter((change) => !CHANGE.test(change)),
  ]);
}

/** Returns what a run lacks: the desired state, an idempotent second run and evidence; a failed run must lack them. */
export function findMissing(scenario: Scenario, { First, Second }: Outcome): readonly string[] {
  const wrong = failed(First);
  if (wrong) {
    const after = First.Steps.slice(First.Steps.indexOf(wrong) + 1).filter(({ Skipped }) => !Skipped);
    const said = verbose(First).includes(HEALTHY) ? ["evidence without health"] : [];
    return [...after.map(({ Name }) => `${Name} ran after ${wrong.Name} failed`), ...said];
  }
  const isAbsent = scenario.arguments?.["Ensure"] === "Absent";
  const evidence = [First, Second].filter((pass) => verbose(pass).includes(HEALTHY) === isAbsent);
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
    ...evidence.map(() => (isAbsent ? "evidence on a bare node" : "no evidence")),
  ];
}

// A firewall that cannot be changed is not an error.
const isReached = ({ Name, TestAfter }: Step, { node }: Scenario): boolean =>
  (Name === "FirewallRule" && node.FirewallBroken === true) || JSON.stringify(TestAfter?.Output) === "[true]";

const isText = (block: Step["Before"] | undefined): boolean =>
  /^\[\{"Result":"[^]+"\}\]$/.test(JSON.stringify(block?.Output) ?? "");
