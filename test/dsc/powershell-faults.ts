import type { Outcome, Pass, Scenario } from "./powershell-recorded.ts";

/** The line that proves the package of these tests. */
export const HEALTHY = `aks-windows-metrics package=${"a".repeat(64)} healthy`;

/** Where our files are, relative to a recorded node's base. */
export const OURS = "Program Files/aks-windows-metrics/";
// The recorded installer's own folder.
const EXPORTER = "Program Files/windows_exporter/";
const CHANGE =
  /^(?:run msiexec\.exe \/[ix] |kill msiexec$|(?:stop|start|set) service|(?:new|remove) rule aks-windows-metrics)/;

type Step = Pass["Steps"][number];

/** What a pass said, in order. */
export const verbose = ({ Steps }: Pass): readonly string[] =>
  Steps.flatMap(({ Test, Set }) => [...(Test?.Verbose ?? []), ...(Set?.Verbose ?? [])]);

/** What a pass warned of. */
export const warnings = ({ Steps }: Pass): readonly string[] =>
  Steps.flatMap(({ Test, Set }) => [...(Test?.Warning ?? []), ...(Set?.Warning ?? [])]);

/** A step's error; empty without one. */
export const errorOf = (step: Step | undefined): string => `${step?.Test?.Error ?? ""}${step?.Set?.Error ?? ""}`;

/** The step that failed. */
export const failed = ({ Steps }: Pass): Step | undefined => Steps.find((step) => errorOf(step) !== "");

const others = (files: Pass["Files"]): string =>
  JSON.stringify(files.filter(({ Path }) => !Path.startsWith(OURS) && !Path.startsWith(EXPORTER)));

/** What no run may do on any node, whatever became of it: each fault in words. */
export function harmOf({ Files, First, Second }: Outcome): readonly string[] {
  return [First, Second].flatMap((pass) => [
    ...(pass.Seconds > 300 ? [`lasted ${pass.Seconds} s`] : []),
    ...(others(pass.Files) === others(Files) ? [] : ["wrote outside of our directory"]),
    ...pass.Journal.filter((change) => !CHANGE.test(change)),
  ]);
}

/** What is missing after a run: the wanted state, a second run that changes nothing, evidence; or, failed, their absence. */
export function lackOf(scenario: Scenario, { First, Second }: Outcome): readonly string[] {
  const wrong = failed(First);
  if (wrong) {
    const after = First.Steps.slice(First.Steps.indexOf(wrong) + 1).filter(({ Skipped }) => !Skipped);
    const said = verbose(First).includes(HEALTHY) ? ["evidence without health"] : [];
    return [...after.map(({ Name }) => `${Name} went on after ${wrong.Name}`), ...said];
  }
  const isAbsent = scenario.arguments?.["Ensure"] === "Absent";
  const evidence = [First, Second].filter((pass) => verbose(pass).includes(HEALTHY) === isAbsent);
  return [
    ...First.Steps.filter((step) => !isReached(step, scenario)).map(({ Name }) => `${Name} is not as wanted`),
    ...First.Steps.filter(({ Before, After }) => !isText(Before) || !isText(After)).map(
      ({ Name }) => `${Name} gives no text`,
    ),
    ...(errorOf(failed(Second)) === "" ? [] : [`fails the second time: ${errorOf(failed(Second))}`]),
    ...Second.Journal.map((change) => `changes again: ${change}`),
    ...(JSON.stringify(Second.Files) === JSON.stringify(First.Files) ? [] : ["writes again"]),
    ...evidence.map(() => (isAbsent ? "evidence where nothing is" : "no evidence")),
  ];
}

// A firewall that cannot be changed stays as it is, and fails nothing.
const isReached = ({ Name, TestAfter }: Step, { node }: Scenario): boolean =>
  (Name === "FirewallRule" && node.FirewallBroken === true) || JSON.stringify(TestAfter?.Output) === "[true]";

const isText = (block: Step["Before"] | undefined): boolean =>
  /^\[\{"Result":"[^]+"\}\]$/.test(JSON.stringify(block?.Output) ?? "");
