import { readdirSync, readFileSync } from "node:fs";
import { BUILT_IN_ROLES } from "../../infra/built-in-roles.ts";
import { EXCLUDED_PERMISSIONS } from "../../infra/excluded-permissions.ts";
import { ACTIONS, type PermissionUse, VERBS } from "../../infra/permissions.ts";
import type { KubeObject } from "../../test/contracts/cluster-admin.ts";
import { readManifests } from "../../test/manifests.ts";
import { markdownTable } from "./markdown-table.ts";

const FOLDER = new URL("../../infra/roles/", import.meta.url);

const SCOPES: Readonly<Record<string, string>> = {
  cluster: "each cluster",
  nodeResourceGroup: "each cluster's node resource group",
  packageStorageAccount: "the storage account of the packages",
};

/** The fields of a custom role in `infra/roles` that the page shows. */
interface Role {
  readonly file: string;
  readonly roleName: string;
  readonly description: string;
  readonly scope: string;
  readonly actions: readonly string[];
  /** The actions that the role has only with the parameter `allowUninstall`. */
  readonly uninstallActions?: readonly string[];
  readonly dataActions: readonly string[];
}

/** A permission of a Kubernetes role: a verb on a resource. */
interface Verb {
  readonly resource: string;
  readonly verb: string;
  /** Resource names; empty for all. */
  readonly names: readonly string[];
}

/** Reads all custom roles, sorted by file name. */
export function customRoles(): readonly Role[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".json"))
    .toSorted()
    .map((file) => ({ file, ...JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) }));
}

/** A rule of a Kubernetes role. Without resource names, it applies to all objects of its resources. */
export interface Rule {
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** Reads the Roles and ClusterRoles of the manifests. */
export function kubernetesRoles(): readonly (KubeObject & { readonly rules: readonly Rule[] })[] {
  return readManifests("")
    .filter(({ kind }) => kind === "Role" || kind === "ClusterRole")
    .map((role) => ({ ...role, rules: role["rules"] as readonly Rule[] }));
}

/** Returns every verb that the manifests grant to the app. */
export function grantedVerbs(): readonly Verb[] {
  return kubernetesRoles()
    .flatMap(({ rules }) => rules)
    .flatMap(({ resources, resourceNames: names = [], verbs }) =>
      resources.flatMap((resource) => verbs.map((verb) => ({ resource, verb, names }))),
    );
}

/** Renders docs/permissions.md. Throws if `infra/permissions.ts` does not explain a granted permission. */
export function permissionsPage(roles: readonly Role[] = customRoles(), verbs = grantedVerbs()): string {
  return `${[
    INTRODUCTION,
    ...roles.flatMap(roleSection),
    KUBERNETES,
    ...markdownTable(["verb", "resource", "request", "without the permission", "call in reports"], verbs.map(verbRow)),
    BUILT_IN,
    ...markdownTable(
      ["role", "assignee", "scope", "purpose", "without the role"],
      BUILT_IN_ROLES.map(({ role, assignee, scope, purpose, ifMissing }) => [
        role,
        assignee,
        scope,
        purpose,
        ifMissing,
      ]),
    ),
    EXCLUDED,
    ...markdownTable(
      ["action", "reason"],
      EXCLUDED_PERMISSIONS.map(({ action, reason }) => [`\`${action}\``, reason]),
    ),
    EXTENSIONS_WRITE,
  ].join("\n")}\n`;
}

function roleSection({
  file,
  roleName,
  description,
  scope,
  actions,
  uninstallActions = [],
  dataActions,
}: Role): readonly string[] {
  const granted = [
    ...actions.map((action) => ({ action, kind: "" })),
    ...uninstallActions.map((action) => ({ action, kind: " (only with `allowUninstall`)" })),
    ...dataActions.map((action) => ({ action, kind: " (data action)" })),
  ];
  const rows = granted.map(({ action, kind }) => {
    const use = explained(ACTIONS[action], `${file} grants ${action}`);
    return [`\`${action}\`${kind}`, ...cellsOf(use)];
  });
  return [
    `### ${roleName}`,
    "",
    `Defined in \`infra/roles/${file}\`, assigned on ${SCOPES[scope] ?? scope}.`,
    description,
    "",
    ...markdownTable(["action", "request", "without the permission", "call in reports"], rows),
    "",
  ];
}

function verbRow({ resource, verb, names }: Verb): readonly string[] {
  const use = explained(VERBS[resource]?.[verb], `infra/kubernetes/base grants ${verb} on ${resource}`);
  const [first = "all", ...others] = names.map((name) => `\`${name}\``);
  const named = others.length > 0 ? `${first} to ${others.at(-1)}` : first;
  return [`\`${verb}\``, `\`${resource}\`: ${named}`, ...cellsOf(use)];
}

const cellsOf = ({ request, ifMissing, call }: PermissionUse): readonly string[] => [
  request,
  ifMissing,
  `\`${call} …\``,
];

function explained(use: PermissionUse | undefined, grant: string): PermissionUse {
  if (use) return use;
  throw new Error(`${grant}, but infra/permissions.ts does not explain it. Add a row, or remove the permission.`);
}

const INTRODUCTION = `# Permissions

\`npm run pages\` generates this page from \`infra/roles\`, \`infra/kubernetes/base\`, \`infra/permissions.ts\` and the
tables next to it. Do not edit it by hand.

The app has one managed identity and uses no keys or passwords: it requests a Microsoft Entra token for each service
that it calls. This page lists all permissions of that identity. [SECURITY.md](../SECURITY.md) describes what an
attacker could do with them.

If a permission is missing, the report names the permission and the role that grants it: \`The app's identity lacks the
permission …. Assign the role in infra/roles/….\` Azure Storage does not name the permission; its error is
\`AuthorizationPermissionMismatch\`. A new role assignment takes up to 10 minutes to take effect. The app retries a denied
write after one hour, after six hours, then daily, and immediately on \`resync\`.

## Azure

The template defines and assigns these custom roles. With \`MODE=observe\` the app writes nothing, and of the actions
that end in \`/write\`, \`/delete\` or \`/action\` it uses only \`listClusterUserCredential\`.
`;

const KUBERNETES = `## Kubernetes

The app has a Role in the namespace of the Service, and a ClusterRole for nodes, which are not namespaced. Both are in
\`infra/kubernetes/base\`. The subject of their bindings, in \`infra/kubernetes/bindings\`, is the object ID of the
identity. \`infra/operate/apply-manifests.sh\` applies all of them: see [deploy.md](deploy.md#kubernetes). These roles also
work in clusters with Azure RBAC for Kubernetes authorization. The app needs neither \`update\` nor \`watch\`: it writes
with server-side apply, and lists the objects again every minute.
`;

const BUILT_IN = `
## Azure built-in roles

The template assigns these roles on resources that it creates.
`;

const EXCLUDED = `
If \`STATE_CONTAINER_URL\` names a container in another account, assign Storage Blob Data Contributor on that container to
the identity, and create the container first: creating it requires a role on the account.

## Excluded permissions

No role in \`infra/roles\` grants any of these actions:
`;

const EXTENSIONS_WRITE = `
\`extensions/write\` is nevertheless a powerful permission: an extension runs as an administrator on the node.
`;
