import { expect, test } from "vitest";
import { readSnapshot, resourcesOf, SNAPSHOTS } from "../deployed/snapshot.ts";
import { type Rule, ruleFiles } from "../monitoring/rule-files.ts";

const TYPE = "Microsoft.AlertsManagement/prometheusRuleGroups";
/** The default of Prometheus's relatives, which Azure is taken to have too. */
const MOST_RULES = 20;
const SEVERITIES: Readonly<Record<string, number>> = { critical: 0, warning: 2, info: 3 };
const GRAFANA = "https://grafana.example";

interface RuleGroup {
  readonly name: string;
  readonly properties: {
    readonly interval: string;
    readonly scopes: readonly string[];
    readonly rules: readonly Readonly<Record<string, unknown>>[];
  };
}

const groups = resourcesOf(readSnapshot("fleet"), TYPE) as unknown as readonly RuleGroup[];
const deployed = groups.flatMap(({ properties }) => properties.rules);

/** Returns what Azure is to be told about a rule. */
function expectedOf({ alert, record, expr, for: after, labels, annotations }: Rule): Readonly<Record<string, unknown>> {
  const common = { expression: expr, enabled: true };
  if (alert === undefined) return { ...common, record };
  const { dashboard_url: dashboard, ...texts } = annotations ?? {};
  return {
    ...common,
    alert,
    labels,
    severity: SEVERITIES[labels?.["severity"] ?? ""],
    annotations: { ...texts, dashboard_url: `${GRAFANA}/${dashboard}` },
    ...(after !== undefined && { for: `PT${after.toUpperCase()}` }),
  };
}

test("without a workspace, the template deploys no rules", () => {
  const named = SNAPSHOTS.filter((name) => resourcesOf(readSnapshot(name), TYPE).length > 0);
  expect(named).toEqual(["fleet"]);
});

test("each rule of the files is deployed, as Azure writes it", () => {
  const expected = ruleFiles.flatMap((file) => file.groups.flatMap((group) => group.rules.map(expectedOf)));
  expect(deployed).toMatchObject(expected);
  expect(deployed).toHaveLength(expected.length);
});

test("durations are in ISO 8601, and severities are whole numbers from 0 to 4", () => {
  const alerts = deployed.filter(({ alert }) => alert !== undefined);
  expect(alerts.length).toBeGreaterThan(20);
  expect(alerts.filter(({ for: after = "PT0M" }) => !/^PT\d+[MH]$/.test(String(after)))).toEqual([]);
  expect(alerts.filter(({ severity }) => ![0, 1, 2, 3, 4].includes(severity as number))).toEqual([]);
  expect(alerts.filter(({ actions }) => (actions as readonly unknown[]).length !== 1)).toEqual([]);
});

test("each group is evaluated every minute on the workspace, and has no more rules than Azure takes", () => {
  expect(groups).toHaveLength(ruleFiles.length);
  for (const { properties } of groups) {
    expect(properties).toMatchObject({ interval: "PT1M", scopes: [expect.stringMatching(/accounts\/metrics$/)] });
    expect(properties.rules.length).toBeLessThanOrEqual(MOST_RULES);
  }
});
