import { expect, test } from "vitest";
import {
  customRoles,
  grantedVerbs,
  kubernetesRoles,
  permissionsPage,
  type Rule,
} from "../../docs/generate/permissions-page.ts";
import { EXCLUDED_PERMISSIONS } from "../../infra/excluded-permissions.ts";
import { ACTIONS, type PermissionUse, VERBS } from "../../infra/permissions.ts";
import type { Report } from "../../shared/model/report.ts";
import type { KubeObject } from "../contracts/cluster-admin.ts";
import { openPasses } from "../passes.ts";

const roles = customRoles();
const granted = roles.flatMap(({ file, actions, dataActions }) =>
  [...actions, ...dataActions].map((action) => ({ file, action })),
);
const uninstalling = roles.flatMap(({ uninstallActions = [] }) => uninstallActions);
const verbs = grantedVerbs();

test("each action that a role grants is explained, and each explained action is granted", () => {
  const all = [...granted.map(({ action }) => action), ...uninstalling];
  expect(Object.keys(ACTIONS).toSorted()).toEqual(all.toSorted());
});

test("each verb that the manifests grant is explained, and each explained verb is granted", () => {
  const explained = Object.entries(VERBS).flatMap(([resource, each]) =>
    Object.keys(each).map((verb) => `${verb} ${resource}`),
  );
  expect(explained.toSorted()).toEqual(verbs.map(({ verb, resource }) => `${verb} ${resource}`).toSorted());
});

test("the error for a permission that is not explained names it and where it is granted", () => {
  const [role] = roles;
  if (!role) throw new Error("there is no role");
  const more = { ...role, file: "more.json", actions: ["Microsoft.Compute/disks/read"] };
  expect(() => permissionsPage([more])).toThrow("more.json grants Microsoft.Compute/disks/read, but");
  const watch = { resource: "nodes", verb: "watch", names: [] };
  expect(() => permissionsPage(roles, [watch])).toThrow("infra/kubernetes/base grants watch on nodes, but");
});

// `%s` prints the whole name; `$name` would truncate it.
test.each(EXCLUDED_PERMISSIONS.map(({ action }) => action))("no role grants %s", (excluded) => {
  const [start = "", ...wild] = excluded.toLowerCase().split("*");
  const fits = (action: string): boolean => (wild.length > 0 ? action.startsWith(start) : action === start);
  expect(granted.filter(({ action }) => fits(action.toLowerCase()))).toEqual([]);
  // A granted action with a wildcard could include an excluded one.
  expect(granted.filter(({ action }) => action.includes("*"))).toEqual([]);
});

// Azurite accepts every token, so the tests cannot check the permissions of storage calls.
const inArm = granted.flatMap(({ action, file }) =>
  action.startsWith("Microsoft.Storage/") ? [] : [[action, file] as const],
);

test.each(inArm)("without %s of %s, the call on the page fails", async (action, file) => {
  const { world, live, publish } = await openPasses({
    assignments: (all) =>
      all.map(({ scope, actions }) => ({ scope, actions: actions.filter((each) => each !== action) })),
  });
  const denied = deniedIn([...(await live(12)), await publish()]);
  await world.stop();
  expect(denied).not.toEqual([]);
  const { call } = explained(ACTIONS[action]);
  for (const message of denied) {
    expect(message.slice(0, call.length)).toBe(call);
    expect(message).toContain(`lacks the permission ${action}. Assign the role in infra/roles/${file} `);
  }
});

test.each(verbs)("without $verb on $resource, the call on the page fails", async (granted) => {
  const { resource, verb } = granted;
  const { world, publish, beside } = await openPasses();
  for (const role of lessOf(granted)) await world.kube.apply(role);
  // The app deletes a slice without addresses unless it is the first, and with SCRAPE_OBJECTS=slices the Endpoints object.
  const two = { SCRAPE_SOURCES: "win1=native", SHRINK_GUARD: "100%" };
  const none = { SCRAPE_SOURCES: "win1=off,win2=off", SHRINK_GUARD: "100%" };
  const reports = [
    await publish(),
    await beside(two),
    await beside(none),
    await beside({ ...none, SCRAPE_OBJECTS: "slices" }),
  ];
  await world.stop();
  const denied = deniedIn(reports);
  expect(denied).not.toEqual([]);
  const { call } = explained(VERBS[resource]?.[verb]);
  for (const message of denied) {
    expect(message.slice(0, call.length)).toBe(call);
    expect(message).toContain(
      `lacks the verb ${verb} on ${resource}. Apply the manifests with its object ID (bash infra/operate/apply-manifests.sh `,
    );
  }
});

function deniedIn(reports: readonly Report[]): readonly string[] {
  const failures = reports.flatMap(({ failure, outcomes }) => [failure, ...outcomes.map(({ error }) => error)]);
  const calls = failures.flatMap((each) => (each?.fault === "denied" ? [each.message] : []));
  const unreadable = reports
    .flatMap(({ plan }) => plan.verdicts)
    .flatMap(({ state, reason, message = "" }) => (state === "unreadable" && reason === "denied" ? [message] : []));
  return [...calls, ...unreadable];
}

function explained(use: PermissionUse | undefined): PermissionUse {
  if (!use) throw new Error("infra/permissions.ts does not explain the permission");
  return use;
}

/** Returns the roles of the manifests without the verb on the resource. */
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
