import { readdirSync, readFileSync } from "node:fs";
import { BUILT_IN_ROLES } from "../../infra/built-in-roles.ts";
import { NOT_ASKED } from "../../infra/not-asked.ts";
import { ACTIONS, VERBS, type Why } from "../../infra/permissions.ts";
import type { KubeObject } from "../../test/contracts/cluster-admin.ts";
import { readManifests } from "../../test/manifests.ts";
import { markdownTable } from "./markdown-table.ts";

const FOLDER = new URL("../../infra/roles/", import.meta.url);

const SCOPES: Readonly<Record<string, string>> = {
  cluster: "each cluster",
  nodeResourceGroup: "each cluster's node resource group",
  packageStorageAccount: "the storage account of the packages",
};

/** A custom role of `infra/roles`, as far as the page tells of it. */
interface Role {
  readonly file: string;
  readonly roleName: string;
  readonly description: string;
  readonly scope: string;
  readonly actions: readonly string[];
  readonly dataActions: readonly string[];
}

/** A permission of a Kubernetes role: a verb on a resource. */
interface Verb {
  readonly resource: string;
  readonly verb: string;
  /** Empty: whatever its name. */
  readonly names: readonly string[];
}

/** Every custom role, by its file's name. */
export function customRoles(): readonly Role[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".json"))
    .toSorted()
    .map((file) => ({ file, ...JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) }));
}

/** One rule of a Kubernetes role; without names it is for all of its resources. */
export interface Rule {
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** The roles of the manifests, in every namespace. */
export function kubernetesRoles(): readonly (KubeObject & { readonly rules: readonly Rule[] })[] {
  return readManifests("")
    .filter(({ kind }) => kind === "Role" || kind === "ClusterRole")
    .map((role) => ({ ...role, rules: role["rules"] as readonly Rule[] }));
}

/** Every verb that the manifests grant the app. */
export function grantedVerbs(): readonly Verb[] {
  return kubernetesRoles()
    .flatMap(({ rules }) => rules)
    .flatMap(({ resources, resourceNames: names = [], verbs }) =>
      resources.flatMap((resource) => verbs.map((verb) => ({ resource, verb, names }))),
    );
}

/** docs/permissions.md; throws where a permission is granted and `infra/permissions.ts` does not say why. */
export function permissionsPage(roles: readonly Role[] = customRoles(), verbs = grantedVerbs()): string {
  return `${[
    INTRODUCTION,
    ...roles.flatMap(roleSection),
    KUBERNETES,
    ...markdownTable(["verb", "on", "for which call", "without it", "a report then says"], verbs.map(verbRow)),
    BUILT_IN,
    ...markdownTable(
      ["role", "who gets it", "on", "for", "without it"],
      BUILT_IN_ROLES.map(({ role, who, on, why, without }) => [role, who, on, why, without]),
    ),
    LEFT_OUT,
    ...markdownTable(
      ["action", "why not"],
      NOT_ASKED.map(({ action, because }) => [`\`${action}\``, because]),
    ),
    CHECKED,
  ].join("\n")}\n`;
}

function roleSection({ file, roleName, description, scope, actions, dataActions }: Role): readonly string[] {
  const granted = [
    ...actions.map((action) => ({ action, kind: "" })),
    ...dataActions.map((action) => ({ action, kind: " (data action)" })),
  ];
  const rows = granted.map(({ action, kind }) => {
    const why = explained(ACTIONS[action], `${file} grants ${action}`);
    return [`\`${action}\`${kind}`, ...cellsOf(why)];
  });
  return [
    `### ${roleName}`,
    "",
    `\`infra/roles/${file}\`, on ${SCOPES[scope] ?? scope}.`,
    description,
    "",
    ...markdownTable(["action", "for which call", "without it", "a report then says"], rows),
    "",
  ];
}

function verbRow({ resource, verb, names }: Verb): readonly string[] {
  const why = explained(VERBS[resource]?.[verb], `infra/kubernetes/base grants ${verb} on ${resource}`);
  const [first = "all", ...others] = names.map((name) => `\`${name}\``);
  const named = others.length > 0 ? `${first} to ${others.at(-1)}` : first;
  return [`\`${verb}\``, `\`${resource}\`: ${named}`, ...cellsOf(why)];
}

const cellsOf = ({ call, without, says }: Why): readonly string[] => [call, without, `\`${says} …\``];

function explained(why: Why | undefined, what: string): Why {
  if (why) return why;
  throw new Error(`${what}, and infra/permissions.ts does not say why: add its row, or take the permission away`);
}

const INTRODUCTION = `# Permissions

Made by \`npm run pages\` from \`infra/roles\`, \`infra/kubernetes/base\`, \`infra/permissions.ts\` and the tables beside it.
Do not edit it by hand.

The app has one identity. It holds no key and no password: it asks Azure for a token before it calls. What it may do
with that is all on this page. [SECURITY.md](../SECURITY.md) says what somebody else could do with it.

Where a permission is missing, the report names it, and the role that grants it: \`the app's identity lacks the
permission …; assign infra/roles/…\`. Only Storage does not say which: its answer is
\`AuthorizationPermissionMismatch\`. A new assignment takes up to 10 minutes. A write that was denied is tried again
after an hour, after six, then daily, and at once on \`resync\`.

## In Azure

Custom roles. With \`MODE=observe\` nothing is written, and of the actions that end in \`/write\` or \`/action\` only
\`listClusterUserCredential\` is used.
`;

const KUBERNETES = `## In Kubernetes

A Role in the Service's namespace, and a ClusterRole for nodes, which belong to none: \`kubectl apply -k
infra/kubernetes/base\`. The user is the object id of the identity. A cluster that uses Azure RBAC for Kubernetes takes
these roles as well. There is no \`update\` and no \`watch\`: the app applies, and reads again a minute later.
`;

const BUILT_IN = `
## Azure's own roles

On resources that belong to the app, assigned by the template.
`;

const LEFT_OUT = `
Where \`STATE_CONTAINER_URL\` names a container elsewhere, the identity needs Storage Blob Data Contributor on it, and the
container has to be there: to make one takes the role on the account.

## What is not asked for

No role of \`infra/roles\` grants any of these:
`;

const CHECKED = `
\`extensions/write\` is no small permission, for all that: an extension runs as an administrator of the node.
`;
