import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { BUILT_IN_ROLES } from "../../infra/built-in-roles.ts";
import { grantsOf, storageOf } from "../deployed/deployment.ts";
import { runtimeValues } from "../deployed/runtime-values.ts";
import { readSnapshot, resourcesOf, SNAPSHOTS, type SnapshotName } from "../deployed/snapshot.ts";

interface Role {
  readonly roleName: string;
  readonly actions: readonly string[];
  /** The actions that the parameter allowUninstall adds. */
  readonly uninstallActions?: readonly string[];
  readonly dataActions: readonly string[];
}

const ROLES = new URL("../../infra/roles/", import.meta.url);
const roles: readonly Role[] = readdirSync(ROLES)
  .filter((file) => file.endsWith(".json"))
  .map((file) => JSON.parse(readFileSync(new URL(file, ROLES), "utf8")));
const values = runtimeValues({ oid: "app", clientId: "client", blobsOf: (name) => name });
const byName = (a: Role, b: Role): number => (a.roleName < b.roleName ? -1 : 1);

/** Returns the custom roles of a snapshot. A suffix makes their names unique in the tenant. */
const definitionsIn = (name: SnapshotName) =>
  resourcesOf(readSnapshot(name), "Microsoft.Authorization/roleDefinitions").map(({ id, properties }) => {
    const { roleName, permissions, assignableScopes } = properties as {
      roleName: string;
      permissions: readonly [Role];
      assignableScopes: readonly string[];
    };
    const { actions, dataActions } = permissions[0];
    return { id, roleName, suffixless: roleName.replace(/ \(.*$/, ""), actions, dataActions, assignableScopes };
  });

test("the built-in roles that the template assigns are those on the permissions page", () => {
  const text = readFileSync(new URL("../../infra/built-in-roles.json", import.meta.url), "utf8");
  const used: Readonly<Record<string, Role>> = JSON.parse(text);
  expect(Object.values(used).map(({ roleName }) => roleName)).toEqual(
    expect.arrayContaining(BUILT_IN_ROLES.map(({ role }) => role)),
  );
  expect(Object.keys(used)).toHaveLength(BUILT_IN_ROLES.length);
});

describe.each(["sandbox", "fleet"] as const)("the custom roles of %s", (name) => {
  test("have exactly the actions in infra/roles", () => {
    // Only fleet is deployed with allowUninstall.
    const expected = roles.map(({ roleName, actions, dataActions, uninstallActions = [] }) => {
      return { roleName, actions: [...actions, ...(name === "fleet" ? uninstallActions : [])], dataActions };
    });
    for (const { suffixless: roleName, actions, dataActions } of definitionsIn(name)) {
      expect(expected).toContainEqual({ roleName, actions, dataActions });
    }
    const defined = new Set(definitionsIn(name).map(({ suffixless }) => suffixless));
    expect([...defined].toSorted()).toEqual(roles.toSorted(byName).map(({ roleName }) => roleName));
  });

  test("are defined once per subscription, each with a unique name", () => {
    const definitions = definitionsIn(name);
    expect(new Set(definitions.map(({ roleName }) => roleName)).size).toBe(definitions.length);
    for (const { id, assignableScopes } of definitions) {
      expect(assignableScopes).toEqual([id.slice(0, id.indexOf("/providers/"))]);
    }
  });
});

describe.each(SNAPSHOTS)("the permissions in %s", (name) => {
  const snapshot = readSnapshot(name);

  test("are assigned to service principals, so that a new identity is found", () => {
    const types = resourcesOf(snapshot, "Microsoft.Authorization/roleAssignments").map(
      ({ properties }) => (properties as { principalType?: string }).principalType,
    );
    expect(types.filter((type) => type !== "ServicePrincipal")).toEqual([]);
  });

  test("of the app's identity are limited to its clusters, storage accounts and telemetry", () => {
    const { host, packages } = storageOf(snapshot);
    const granted = grantsOf(snapshot, values).filter(({ principalId }) => principalId === "app");
    const wide = granted.filter(({ actions, dataActions }) =>
      [...actions, ...dataActions].some((each) => each.includes("*")),
    );
    expect(
      wide.map(({ scope }) => scope).filter((scope) => scope !== host.id && !scope.includes("/components/")),
    ).toEqual([]);
    const onPackages = granted.filter(({ scope }) => packages.id.startsWith(scope));
    expect(onPackages.flatMap(({ dataActions }) => dataActions)).toEqual(
      name === "private" ? [] : ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"],
    );
    expect(granted.filter(({ scope }) => scope.split("/").length < 5)).toEqual([]);
  });

  test("of system topics are limited to the dead-letter container", () => {
    const others = grantsOf(snapshot, values).filter(({ principalId }) => principalId !== "app");
    expect(
      others.map(({ scope }) => scope.split("/").at(-1)).filter((each) => each !== "eventgrid-deadletter"),
    ).toEqual([]);
    expect(others.length > 1).toBe(name !== "private");
  });

  test("do not include access with keys", () => {
    const text = JSON.stringify(snapshot);
    expect(text).not.toMatch(/listKeys|listAccountSas|AccountKey|listAdminKeys|SharedKey(?!Access)/i);
    for (const { properties } of resourcesOf(snapshot, "Microsoft.Storage/storageAccounts")) {
      expect(properties).toMatchObject({
        allowSharedKeyAccess: false,
        allowBlobPublicAccess: false,
        minimumTlsVersion: "TLS1_2",
      });
    }
    for (const { properties } of resourcesOf(snapshot, "Microsoft.Insights/components")) {
      expect(properties).toMatchObject({ DisableLocalAuth: true });
    }
    for (const { properties } of resourcesOf(snapshot, "Microsoft.Web/sites/basicPublishingCredentialsPolicies")) {
      expect(properties).toEqual({ allow: false });
    }
  });
});

test("with assignRoles=false, the template lists every role that an administrator must assign", () => {
  const { outputs } = readSnapshot("private");
  const listed = outputs["ROLES_TO_ASSIGN"] as readonly (Role & { readonly role: string; readonly scope: string })[];
  const scopes = listed.map(
    ({ role, scope }) =>
      `${role.replace(/ \(.*$/, "")} on ${scope
        .split("/")
        .at(-1)
        ?.replace(/[a-z0-9]{13}$/, "*")}`,
  );
  expect(scopes.toSorted()).toEqual([
    "AKS Windows metrics: cluster on vault",
    "AKS Windows metrics: package on stawmpkg*",
    "AKS Windows metrics: scale sets on vault-nodes",
    "Monitoring Metrics Publisher on appi-awm-*",
    "Storage Blob Data Contributor on eventgrid-deadletter",
    "Storage Blob Data Contributor on eventgrid-deadletter",
    "Storage Blob Data Owner on stawmhost*",
  ]);
  expect(JSON.stringify(listed)).not.toContain("reference(");
  for (const role of roles) {
    expect(listed.filter(({ actions }) => JSON.stringify(actions) === JSON.stringify(role.actions))).toHaveLength(1);
  }
});
