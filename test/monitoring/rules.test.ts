import { describe, expect, test } from "vitest";
import { hasPromtool, promtool, type RuleCase, testRules, withoutCluster } from "./promtool.ts";
import { CASES } from "./rule-cases.ts";
import { alerts, RULES_FOLDER, ruleFiles } from "./rule-files.ts";

const isOfOneCluster = ({ series }: RuleCase): boolean =>
  !Object.keys(series).some((text) => text.includes('cluster="us"'));

/** Returns whether the alert of a case fires in it. */
const fires = ({ alert, firing }: RuleCase): boolean =>
  Object.values(firing).some((found) => found.some((labels) => labels.includes(`"${alert}"`)));

test("each alert has a case in which it fires, and one in which it stays silent", () => {
  const silent = alerts.filter(({ alert }) => !CASES.some((each) => each.alert === alert && fires(each)));
  const alwaysFiring = alerts.filter(({ alert }) => CASES.every((each) => each.alert !== alert || fires(each)));
  expect(silent).toEqual([]);
  expect(alerts).toHaveLength(24);
  expect(alwaysFiring.map(({ alert }) => alert)).toEqual([]);
});

describe.skipIf(!hasPromtool)("rules (needs PROMETHEUS_DIR)", () => {
  test("promtool accepts the files", async () => {
    const { isSuccess, output } = await promtool(
      "check",
      "rules",
      ...ruleFiles.map(({ name }) => `${RULES_FOLDER}/${name}`),
    );
    expect(output).not.toContain("FAILED");
    expect(isSuccess).toBe(true);
  });

  test.each(CASES)("$alert: $name", async (each) => {
    const shapes = isOfOneCluster(each) ? [each, withoutCluster(each)] : [each];
    expect(await testRules(ruleFiles, shapes)).toEqual({
      isSuccess: true,
      output: expect.stringMatching(/SUCCESS\s*$/),
    });
  });
});
