import { describe, expect, test } from "vitest";
import { mutantsOf, replaceRule } from "./mutants.ts";
import { hasPromtool, type RuleCase, testRules } from "./promtool.ts";
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

/** Returns the mutants of a rule with which all of these cases pass. */
async function survivors(rule: Rule, cases: readonly RuleCase[]): Promise<readonly string[]> {
  const name = rule.alert ?? rule.record ?? "";
  const mutants = mutantsOf(rule).map((each) => ({ ...each, name: `${name} ${each.name}` }));
  const tested = mutants.filter((each) => !EQUIVALENT.includes(each.name));
  expect(tested.length).toBeGreaterThan(0);
  const found = await Promise.all(tested.map((each) => testRules(replaceRule(rule, each.rule), cases)));
  return tested.filter((_, index) => found[index]?.isSuccess).map((each) => each.name);
}

describe.skipIf(!hasPromtool)("a changed number turns a case red (needs PROMETHEUS_DIR)", () => {
  test.each(alerts)("$alert", async (rule) => {
    expect(
      await survivors(
        rule,
        CASES.filter(({ alert }) => alert === rule.alert),
      ),
    ).toEqual([]);
  });

  test.each(rules.filter((each) => each.record !== undefined && mutantsOf(each).length > 0))(
    "$record",
    async (rule) => {
      const about = ALERTS_OF_RECORDS[rule.record ?? ""];
      expect(about).toBeDefined();
      expect(
        await survivors(
          rule,
          CASES.filter(({ alert }) => alert === about),
        ),
      ).toEqual([]);
    },
  );
});
