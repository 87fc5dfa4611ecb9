import { describe, expect, test } from "vitest";
import { filesWith, mutantsOf } from "./mutants.ts";
import { hasPromtool, testRules } from "./promtool.ts";
import { CASES } from "./rule-cases.ts";
import { alerts, type Rule, rules } from "./rule-files.ts";

/** Mutants that cannot differ: a count is never 0, and the share of a volume without a size is no number. */
const EQUIVALENT = ["WindowsPackageNotDesired > 0 -> > -1", "node_volume:windows_logical_disk_free:ratio > 0 -> > -1"];
/** The alerts whose cases show a change of a recording. */
const ALERTS_OF_RECORDS: Readonly<Record<string, string>> = {
  "node:windows_node_expected:info": "WindowsNodeNotScraped",
  "node_volume:windows_logical_disk_free:ratio": "WindowsNodeDiskAlmostFull",
  "node:windows_tcp_retransmitted:ratio_rate5m": "WindowsTcpRetransmits",
};

/** Returns the mutants of a rule with which all cases of an alert pass. */
async function survivors(rule: Rule, alert: string): Promise<readonly string[]> {
  const name = rule.alert ?? rule.record ?? "";
  const cases = CASES.filter((each) => each.alert === alert).map((each) => ({
    ...each,
    firing: mapValues(each.firing, (found) => found.filter((labels) => labels.includes(`"${alert}"`))),
  }));
  const original = await testRules(filesWith(rule, alert), cases);
  expect(original).toMatchObject({ isSuccess: true });
  const mutants = mutantsOf(rule).filter((each) => !EQUIVALENT.includes(`${name} ${each.name}`));
  expect(mutants.length).toBeGreaterThan(0);
  const found = await Promise.all(mutants.map((each) => testRules(filesWith(each.rule, alert), cases)));
  return mutants.filter((_, index) => found[index]?.isSuccess).map((each) => each.name);
}

function mapValues<T>(record: Readonly<Record<number, T>>, map: (value: T) => T): Readonly<Record<number, T>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

describe.skipIf(!hasPromtool)("a changed number turns a case red (needs PROMETHEUS_DIR)", () => {
  test.each(alerts)("$alert", async (rule) => {
    expect(await survivors(rule, rule.alert)).toEqual([]);
  });

  test.each(rules.filter((each) => each.record !== undefined && mutantsOf(each).length > 0))(
    "$record",
    async (rule) => {
      expect(await survivors(rule, ALERTS_OF_RECORDS[rule.record ?? ""] ?? "")).toEqual([]);
    },
  );
});
