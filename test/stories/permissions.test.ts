import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { failuresOf } from "../../shared/report/report.ts";
import { openPasses } from "../passes.ts";

const roles = ["node-resource-group", "cluster"].flatMap((file) => {
  const { actions }: { actions: readonly string[] } = JSON.parse(readFileSync(`infra/roles/${file}.json`, "utf8"));
  return actions.map((action) => ({ file, action }));
});

test("installs a package with exactly the actions of the roles, without a denied call", async () => {
  const { world, live } = await openPasses();
  await live(20);
  const denied = world.arm.journal.filter(({ status }) => status === 401 || status === 403);
  expect(denied).toEqual([]);
  expect(world.arm.journal.some(({ path }) => path.endsWith("/manualupgrade"))).toBe(true);
  await world.stop();
});

test.each(roles)("reports a missing $action and the role that grants it", async ({ file, action }) => {
  const without = (actions: readonly string[]) => actions.filter((each) => each !== action);
  const { world, live, publish } = await openPasses({
    assignments: (granted) => granted.map(({ scope, actions }) => ({ scope, actions: without(actions) })),
  });
  const reports = [...(await live(12)), await publish()];
  const said = reports.flatMap(failuresOf);
  expect(said.join("\n")).toContain(`lacks the permission ${action}`);
  expect(said.join("\n")).toContain(`infra/roles/${file}.json`);
  await world.stop();
});
