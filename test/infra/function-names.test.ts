import { expect, test } from "vitest";
import { subscriptionsOf } from "../deployed/deployment.ts";
import { onlyResourceOf, readSnapshot, resourcesOf, SNAPSHOTS } from "../deployed/snapshot.ts";
import { loadApp } from "../simulators/host/core-api.ts";

const { functions } = await loadApp(
  () => import("../../functions/main.ts"),
  () => {},
);
const namesOf = (trigger: string): readonly string[] =>
  functions.filter((each) => each.trigger === trigger).map(({ name }) => name);

test.each(SNAPSHOTS)("%s uses the names of the functions that the app registers", (name) => {
  const snapshot = readSnapshot(name);
  const events = namesOf("eventGridTrigger");
  expect(events).toHaveLength(1);
  const { properties } = onlyResourceOf(snapshot, "Microsoft.Web/sites");
  const { functionAppConfig } = properties as {
    functionAppConfig: { scaleAndConcurrency: { alwaysReady: readonly { name: string }[] } };
  };
  const ready = functionAppConfig.scaleAndConcurrency.alwaysReady.map((each) => each.name);
  expect(ready).toEqual(events.map((each) => `function:${each}`));
  const subscriptions = subscriptionsOf(snapshot);
  expect(subscriptions.length).toBeGreaterThan(1);
  for (const { functionName } of subscriptions) expect(events).toContain(functionName);
});

test("the alerts on passes name the timer functions that the app registers", () => {
  const rules = resourcesOf(readSnapshot("sandbox"), "Microsoft.Insights/scheduledQueryRules");
  expect(rules.length).toBeGreaterThan(0);
  for (const rule of rules) {
    const named = [...JSON.stringify(rule.properties).matchAll(/\b\w+Timer\b/g)].map(([name]) => name);
    expect([...new Set(named)].toSorted()).toEqual(namesOf("timerTrigger").toSorted());
  }
});
