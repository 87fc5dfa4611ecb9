import { AzError, askAz } from "./az.ts";
import { type Permissions, findMissing } from "./granted-actions.ts";

/**
 * `node infra/operate/check-roles.ts` lists the missing role assignments of a deployment with `assignRoles=false`, and
 * the commands that create them. It reads the template outputs `ROLES_TO_ASSIGN`, `IDENTITY_ID` and
 * `IDENTITY_PRINCIPAL_ID` from environment variables, and changes nothing. Exit code 3: a role assignment is missing.
 */
interface Grant {
  readonly role: string;
  readonly roleDefinitionId: string;
  readonly actions: readonly string[];
  readonly dataActions: readonly string[];
  readonly scope: string;
  readonly assignee: string;
}

interface Assignment {
  readonly principalId: string;
  readonly roleDefinitionId: string;
}

interface Definition {
  readonly permissions: readonly Permissions[];
}

interface Topic {
  readonly identity: { readonly principalId: string };
}

const MISSING = 3;
const principals = new Map([[process.env["IDENTITY_ID"] ?? "", process.env["IDENTITY_PRINCIPAL_ID"] ?? ""]]);
const assignmentsAt = new Map<string, readonly Assignment[]>();
const permissionsOf = new Map<string, readonly Permissions[]>();
const definedAlready = new Set<string>();

try {
  const grants: readonly Grant[] = JSON.parse(process.env["ROLES_TO_ASSIGN"] || "[]");
  const missing = grants.filter((grant) => !isAssigned(grant));
  if (missing.length > 0) {
    console.log("The app cannot work without these role assignments. An administrator must run these commands:");
    console.log("");
    for (const grant of missing) console.log(describe(grant));
    console.log(`${missing.length} of ${grants.length} roles are missing. A new assignment can take up to 10 minutes.`);
    process.exitCode = MISSING;
  } else if (grants.length > 0) {
    console.log(`All ${grants.length} roles are assigned.`);
  }
} catch (error) {
  if (!(error instanceof AzError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

/** Checks the actions, because an administrator can assign another role or use a wider scope. */
function isAssigned(grant: Grant): boolean {
  const principal = principalOf(grant.assignee);
  const { scope } = grant;
  const own = readAssignments(scope).filter((each) => each.principalId === principal);
  if (own.some((each) => lastOf(each.roleDefinitionId) === lastOf(grant.roleDefinitionId))) return true;
  const granted = own.flatMap((each) => readPermissions(each.roleDefinitionId, scope));
  return findMissing(grant, granted).length === 0;
}

/** Reads the role assignments at a scope, once: all system topics have their role at the same scope. */
function readAssignments(scope: string): readonly Assignment[] {
  if (!assignmentsAt.has(scope)) {
    const options = { subscription: subscriptionOf(scope), scope, "include-inherited": true } as const;
    assignmentsAt.set(scope, JSON.parse(askAz("role assignment list", options)));
  }
  return assignmentsAt.get(scope) ?? [];
}

function readPermissions(roleDefinitionId: string, scope: string): readonly Permissions[] {
  if (!permissionsOf.has(roleDefinitionId)) {
    const options = { subscription: subscriptionOf(scope), name: lastOf(roleDefinitionId) };
    const definitions: readonly Definition[] = JSON.parse(askAz("role definition list", options));
    permissionsOf.set(
      roleDefinitionId,
      definitions.flatMap((each) => each.permissions),
    );
  }
  return permissionsOf.get(roleDefinitionId) ?? [];
}

/** Returns the object ID of an assignee's managed identity. The app's identity is known; a system topic is looked up. */
function principalOf(assignee: string): string {
  if (!principals.has(assignee)) principals.set(assignee, readTopicPrincipal(assignee));
  return principals.get(assignee) ?? "";
}

function readTopicPrincipal(id: string): string {
  const [, , subscription = "", , resourceGroup = "", , , , name = ""] = id.split("/");
  const options = { subscription, "resource-group": resourceGroup, name };
  const topic: Topic = JSON.parse(askAz("eventgrid system-topic show", options));
  return topic.identity.principalId;
}

function describe(grant: Grant): string {
  const { role, roleDefinitionId, scope, assignee } = grant;
  const definition = roleDefinitionId === "" ? defineOnce(grant) : [];
  return [
    `# ${role}, for ${lastOf(assignee)}`,
    ...definition,
    `az role assignment create --subscription ${subscriptionOf(scope)} \\`,
    `  --assignee-object-id ${principalOf(assignee)} --assignee-principal-type ServicePrincipal \\`,
    `  --role '${lastOf(roleDefinitionId) || role}' --scope ${scope}`,
    "",
  ].join("\n");
}

/** Returns the command that creates a custom role, only once per role: each subscription has a role of its own name. */
function defineOnce({ role, actions, dataActions, scope }: Grant): readonly string[] {
  if (definedAlready.has(role)) return [];
  definedAlready.add(role);
  const assignableScopes = [`/subscriptions/${subscriptionOf(scope)}`];
  const description = "aks-windows-metrics, see docs/permissions.md";
  const definition = JSON.stringify({ name: role, description, actions, dataActions, assignableScopes });
  return [`az role definition create --subscription ${subscriptionOf(scope)} --role-definition '${definition}'`];
}

function subscriptionOf(scope: string): string {
  return scope.split("/")[2] ?? "";
}

function lastOf(id: string): string {
  return id.split("/").at(-1) ?? "";
}
