import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { failureCause } from "../../shared/extension/run-result.ts";
import { seed } from "../seed.ts";
import { ABSENT_SCENARIOS } from "./powershell-absent-scenarios.ts";
import { FAILURE_SCENARIOS } from "./powershell-failure-scenarios.ts";
import { OURS, errorOf, errorsOf, failed, findHarm, findMissing, verbose, warnings } from "./powershell-faults.ts";
import { HEALTH_SCENARIOS } from "./powershell-health-scenarios.ts";
import { LISTENER_SCENARIOS } from "./powershell-listener-scenarios.ts";
import { isListed, MESSAGES } from "./powershell-messages.ts";
import { randomScenarios } from "./powershell-random.ts";
import { METRIC, type Outcome, type Scenario, configFor, runRecorded } from "./powershell-recorded.ts";
import { SCENARIOS } from "./powershell-scenarios.ts";
import { evidenceLine, reportsOf } from "./powershell-status.ts";

const pwsh = process.env["PWSH"] ?? "";
const EXPECTED = [...SCENARIOS, ...HEALTH_SCENARIOS, ...LISTENER_SCENARIOS, ...ABSENT_SCENARIOS, ...FAILURE_SCENARIOS];
const RANDOM = randomScenarios(300, seed);

const BAD_ARGUMENTS: readonly Readonly<Record<string, unknown>>[] = [
  { Ensure: "Gone" },
  { Port: 0 },
  { Port: 65_536 },
  { Package: "A".repeat(64) },
  { Package: `${"a".repeat(64)}\n` },
  { Package: "a".repeat(63) },
  { Marker: "0123456789ABCDEF" },
  { Marker: "0123456789abcde" },
  { Marker: "0123456789abcdef0" },
  { MsiSha256: "g".repeat(64) },
  { Version: "v0.31.8" },
  { Version: '0.31.8"' },
  { ConfigurationMode: "MonitorOnly" },
  { ConfigurationModeFrequencyMins: 29 },
  { ConfigurationModeFrequencyMins: 61 },
  ...["Package", "Marker", "MsiSha256", "Version"].map((name) => ({ [name]: undefined })),
];
const REFUSED: readonly Scenario[] = BAD_ARGUMENTS.map((bad) => ({
  name: `refused ${inspect(bad)}`,
  arguments: bad,
  node: {},
}));
const OTHERS: readonly Scenario[] = [
  { name: "firewall broken", arguments: { FirewallRule: true }, node: { FirewallBroken: true } },
  ...[{}, { ConfigurationMode: "ApplyAndMonitor" }, { Ensure: "Absent" }].map((given) => ({
    name: `mode ${JSON.stringify(given)}`,
    arguments: given,
    node: {},
  })),
];

// One process runs all scenarios, because its start takes longer than a scenario.
const all = [...EXPECTED, ...REFUSED, ...OTHERS, ...RANDOM];
const outcomes = pwsh === "" ? new Map<string, Outcome>() : await runRecorded(pwsh, all);

function outcome(name: string): Outcome {
  const found = outcomes.get(name);
  if (!found) throw new Error(`No outcome of '${name}'.`);
  return found;
}

describe.skipIf(pwsh === "")("module on a recorded node (needs PWSH)", () => {
  test.each(EXPECTED.map((scenario) => [scenario.name, scenario] as const))("%s", (name, scenario) => {
    const { First } = outcome(name);
    const [step, cause, error = /^$/] = scenario.fails ?? [];
    expect(errorOf(failed(First))).toMatch(error);
    expect(cause === undefined ? [] : reportsOf(errorOf(failed(First))).map(failureCause)).toStrictEqual(
      cause === undefined ? [] : Array.from({ length: 5 }, () => cause),
    );
    expect(failed(First)?.Name).toBe(step);
    expect(First.Journal).toStrictEqual(scenario.journal);
    expect(verbose(First).join("\n")).toMatch(scenario.says ?? /./);
    expect(warnings(First).join("\n")).toMatch(scenario.warns ?? /^$/);
    expect(findMissing(scenario, outcome(name))).toStrictEqual([]);
  });

  test("no scenario writes to other folders, runs a program other than msiexec, or exceeds 300 s", () => {
    expect(EXPECTED.flatMap((scenario) => findHarm(scenario, outcome(scenario.name)))).toStrictEqual([]);
  });

  test.each(RANDOM)("$name does no harm, and reaches the desired state unless it fails", (scenario) => {
    const found = outcome(scenario.name);
    expect([...findHarm(scenario, found), ...findMissing(scenario, found)]).toStrictEqual([]);
  });

  test("random nodes end in most steps, and many end healthy", () => {
    const ends = RANDOM.map(({ name }) => failed(outcome(name).First)?.Name ?? "healthy");
    expect(ends.filter((end) => end === "healthy").length).toBeGreaterThan(60);
    const steps = ["ConfigFile", "Health", "Installation", "Listener", "Module", "Restart"];
    expect([...new Set(ends)]).toStrictEqual(expect.arrayContaining(steps));
  });

  test("a running exporter is removed once for an MSI, also if that never installs what is wanted", () => {
    const { Second } = outcome("MSI of a later version than the package says");
    expect(Second.Journal).toStrictEqual([]);
    expect(errorOf(failed(Second))).toMatch(/cause=node: An exporter runs .* It is left as it is: it was removed once/);
  });

  test("the longest possible run comes close to its time limit and keeps it", () => {
    const { First, Budget } = outcome("every wait at its longest, then a failure");
    expect(First.Seconds).toBeGreaterThan(240);
    expect(First.Seconds).toBeLessThanOrEqual(300);
    expect(
      Object.values(Budget).reduce((sum, seconds) => sum + seconds, 0) - (Budget["Restart"] ?? 0),
    ).toBeLessThanOrEqual(280);
  });

  test("a test takes less than 1 s in the desired state, and less than 2 s otherwise", () => {
    const tests = all.flatMap(({ name }) =>
      [outcome(name).First, outcome(name).Second].flatMap(({ Steps }) =>
        Steps.flatMap(({ Name, Test }) => (Test ? [{ what: `${name}: ${Name}`, ...Test }] : [])),
      ),
    );
    expect(tests.length).toBeGreaterThan(500);
    const slow = tests.filter(({ Output, Seconds }) => Seconds >= (Output[0] === true ? 1 : 2));
    expect(slow.map(({ what, Seconds }) => `${what}: ${Seconds} s`)).toStrictEqual([]);
  });

  test("each step tests false on a bare node", () => {
    const { First } = outcome("fresh install");
    expect(First.Steps.filter(({ Changed }) => Changed).map(({ Name }) => Name)).toStrictEqual(
      // Listener and FirewallRule have nothing to do, and Health finds the service that the installer started.
      ["Directory", "ConfigFile", "Installation", "PackageMetric"],
    );
  });

  test("files are UTF-8 without a byte order mark, with LF line endings", () => {
    const texts = new Map(outcome("fresh install").First.Files.map(({ Path, Text }) => [Path, Text]));
    expect(texts.get(`${OURS}config.yaml`)).toBe(configFor(9182));
    expect(texts.get(`${OURS}textfile_inputs/aks_windows_metrics.prom`)).toBe(METRIC);
  });
});

describe.skipIf(pwsh === "")("errors on a recorded node (needs PWSH)", () => {
  test("every error, of a random node too, begins with a cause", () => {
    const errors = all.flatMap(({ name }) => errorsOf(outcome(name)));
    expect(errors.length).toBeGreaterThan(50);
    expect(
      errors.filter((error) => !/^aks-windows-metrics cause=(?:package|node|installer-busy): \S/.test(error)),
    ).toEqual([]);
  });

  test("every error is a message of dsc/README.md with its cause, and each message there has a scenario", () => {
    const errors = all.flatMap(({ name }) =>
      [outcome(name).First, outcome(name).Second].map((run) => errorOf(failed(run))),
    );
    expect([...new Set(errors.filter((error) => error !== "" && !isListed(error)))]).toStrictEqual([]);
    const without = MESSAGES.filter(({ pattern }) => !errors.some((error) => pattern.test(error)));
    // A Pester test has this one.
    expect(without.map(({ text }) => text)).toStrictEqual(["The exporter was removed, and is there again"]);
    expect(MESSAGES.length).toBeGreaterThan(20);
  });
});

describe.skipIf(pwsh === "")("configuration on a recorded node (needs PWSH)", () => {
  test("Absent removes everything of the package and nothing else", () => {
    const { First, Node } = outcome("absent");
    expect(First.Files.filter(({ Path }) => Path.startsWith(OURS))).toStrictEqual([]);
    expect(Node).toMatchObject({ Products: [], Rules: [] });
    expect(outcome("absent with a foreign installation").Node.Products).toMatchObject([{ DisplayVersion: "0.31.8" }]);
  });

  test("reports a firewall that cannot be changed, without an error", () => {
    const { First } = outcome("firewall broken");
    expect(failed(First)).toBeUndefined();
    expect(verbose(First).join("\n")).toMatch(/rule could not be changed, which is not fatal: .*MpsSvc/);
    expect(verbose(First)).toContain(evidenceLine("ok"));
  });

  test.each([
    [{}, "ApplyAndAutoCorrect"],
    [{ ConfigurationMode: "ApplyAndMonitor" }, "ApplyAndMonitor"],
    [{ Ensure: "Absent" }, "ApplyOnly"],
  ])("%j sets the LCM's mode to %s, without a reboot", (given, mode) => {
    expect(outcome(`mode ${JSON.stringify(given)}`).First.Lcm).toStrictEqual({
      RefreshMode: "Push",
      ConfigurationMode: mode,
      ConfigurationModeFrequencyMins: 30,
      RebootNodeIfNeeded: false,
      ActionAfterReboot: "ContinueConfiguration",
    });
  });

  test.each(BAD_ARGUMENTS)("rejects the argument %o before it runs any step", (bad) => {
    const { First } = outcome(`refused ${inspect(bad)}`);
    expect(First.Refused).toContain(Object.keys(bad)[0]);
    // The engine says so itself: no node can apply this package with these arguments.
    expect(failureCause(`The DSC Extension failed to execute: ${First.Refused}`)).toBe("package");
    expect([First.Steps, First.Journal]).toStrictEqual([[], []]);
  });
});
