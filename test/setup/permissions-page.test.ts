import { expect, test } from "vitest";
import {
  customRoles,
  grantedVerbs,
  kubernetesRoles,
  permissionsPage,
  type Rule,
} from "../../docs/generate/permissions-page.ts";
import { NOT_ASKED } from "../../infra/not-asked.ts";
import { ACTIONS, VERBS, type Why } from "../../infra/permissions.ts";
import type { Report } from "../../shared/model/flow.ts";
import type { KubeObject } from "../contracts/cluster-admin.ts";
import { openPasses } from "../passes.ts";

const roles = customRoles();
const granted = roles.flatMap(({ file, actions, dataActions }) =>
  [...actions, ...dataActions].map((action) => ({ file, action })),
);
const verbs = grantedVerbs();

test("each action that a role grants has its reason, and each reason its action", () => {
  expect(Object.keys(ACTIONS).toSorted()).toEqual(granted.map(({ action }) => action).toSorted());
});

test("each verb that the manifests grant has its reason, and each reason its verb", () => {
  const explained = Object.entries(VERBS).flatMap(([resource, each]) =>
    Object.keys(each).map((verb) => `${verb} ${resource}`),
  );
  expect(explained.toSorted()).toEqual(verbs.map(({ verb, resource }) => `${verb} ${resource}`).toSorted());
});

test("a permission without a reason is named, with where it is granted", () => {
  const [role] = roles;
  if (!role) throw new Error("there is no role");
  const more = { ...role, file: "more.json", actions: ["Microsoft.Compute/disks/read"] };
  expect(() => permissionsPage([more])).toThrow("more.json grants Microsoft.Compute/disks/read, and");
  const watch = { resource: "nodes", verb: "watch", names: [] };
  expect(() => permissionsPage(roles, [watch])).toThrow("infra/kubernetes/base grants watch on nodes, and");
});

// `%s` prints a whole name, where `$name` cuts it.
test.each(NOT_ASKED.map(({ action }) => action))("no role grants %s", (notAsked) => {
  const [start = "", ...wild] = notAsked.toLowerCase().split("*");
  const fits = (action: string): boolean => (wild.length > 0 ? action.startsWith(start) : action === start);
  expect(granted.filter(({ action }) => fits(action.toLowerCase()))).toEqual([]);
  // An action with a wildcard of its own would grant more than it names.
  expect(granted.filter(({ action }) => action.includes("*"))).toEqual([]);
});

// Storage's own calls are not authorized by role in a test: Azurite takes every token.
const inArm = granted.flatMap(({ action, file }) =>
  action.startsWith("Microsoft.Storage/") ? [] : [[action, file] as const],
);

test.each(inArm)("without %s of %s, it is the call named on the page that fails", async (action, file) => {
  const { world, live, publish } = await openPasses({
    assignments: (all) =>
      all.map(({ scope, actions }) => ({ scope, actions: actions.filter((each) => each !== action) })),
  });
  const denied = deniedIn([...(await live(12)), await publish()]);
  await world.stop();
  expect(denied).not.toEqual([]);
  const { says } = explained(ACTIONS[action]);
  for (const message of denied) {
    expect(message.slice(0, says.length)).toBe(says);
    expect(message).toContain(`lacks the permission ${action}; assign infra/roles/${file}`);
  }
});

test.each(verbs)("without $verb on $resource, it is the call named on the page that fails", async (granted) => {
  const { resource, verb } = granted;
  const { world, publish, beside } = await openPasses();
  for (const role of lessOf(granted)) await world.kube.apply(role);
  // Without addresses a slice is deleted, and where slices alone are wanted, the Endpoints object is.
  const none = { SCRAPE_SOURCES: "win1=off,win2=off", SHRINK_GUARD: "100%" };
  const reports = [await publish(), await beside(none), await beside({ ...none, SCRAPE_OBJECTS: "slices" })];
  await world.stop();
  const denied = deniedIn(reports);
  expect(denied).not.toEqual([]);
  const { says } = explained(VERBS[resource]?.[verb]);
  for (const message of denied) {
    expect(message.slice(0, says.length)).toBe(says);
    expect(message).toContain(`lacks the verb ${verb} on ${resource}; apply infra/kubernetes/base`);
  }
});

function deniedIn(reports: readonly Report[]): readonly string[] {
  const failures = reports.flatMap(({ failure, outcomes }) => [failure, ...outcomes.map(({ error }) => error)]);
  return failures.flatMap((each) => (each?.fault === "denied" ? [each.message] : []));
}

function explained(why: Why | undefined): Why {
  if (!why) throw new Error("infra/permissions.ts does not say why");
  return why;
}

/** The manifests' roles, each rule without the verb on the resource. */
function lessOf({ resource, verb, names }: ReturnType<typeof grantedVerbs>[number]): readonly KubeObject[] {
  const isMeant = ({ resources, resourceNames = [] }: Rule): boolean =>
    resources.includes(resource) && resourceNames.length === names.length;
  return kubernetesRoles().map((role) => ({
    ...role,
    rules: role.rules
      .map((rule) => (isMeant(rule) ? { ...rule, verbs: rule.verbs.filter((each) => each !== verb) } : rule))
      .filter((rule) => rule.verbs.length > 0),
  }));
}
