import { readFileSync } from "node:fs";
import type { EventFilter } from "../simulators/event-filter.ts";
import {
  functionsOf,
  onlyResourceOf,
  type Resource,
  resourcesOf,
  type RuntimeValues,
  type Snapshot,
  textOf,
} from "./snapshot.ts";

/** A role assignment of the deployment, with the actions of its role. */
export interface Grant {
  /** Resource ID of the scope of the assignment. */
  readonly scope: string;
  /** Object ID of the assignee. */
  readonly principalId: string;
  /** The name of the role. */
  readonly role: string;
  readonly actions: readonly string[];
  readonly dataActions: readonly string[];
}

/** An event subscription: its source, its filter and its function. */
export interface DeployedSubscription {
  readonly topicType: string;
  readonly source: string;
  readonly filter: EventFilter;
  readonly functionName: string;
}

/** A role definition: its name, with the suffix of the deployment, and its permissions. */
interface Role {
  readonly role: string;
  readonly actions: readonly string[];
  readonly dataActions: readonly string[];
}

/** Returns the app settings of the deployed site. */
export function settingsOf(snapshot: Snapshot, valuesOf: RuntimeValues): Readonly<Record<string, string>> {
  const found = resourcesOf(snapshot, "Microsoft.Web/sites/config").filter(({ name }) => name.endsWith("/appsettings"));
  const functions = functionsOf(valuesOf);
  const entries = found.flatMap(({ properties }) => Object.entries(properties ?? {}));
  return Object.fromEntries(entries.map(([name, value]) => [name, textOf(value, functions)]));
}

/** Returns all role assignments with the actions of their roles. Throws for an unknown role. */
export function grantsOf(snapshot: Snapshot, valuesOf: RuntimeValues): readonly Grant[] {
  const roles = rolesOf(snapshot);
  const functions = functionsOf(valuesOf);
  return resourcesOf(snapshot, "Microsoft.Authorization/roleAssignments").map(({ id, properties }) => {
    const { roleDefinitionId = "", principalId } = properties as { roleDefinitionId?: string; principalId?: string };
    const role = roles.get(roleDefinitionId.split("/").at(-1) ?? "");
    if (!role) throw new Error(`${id} assigns the unknown role ${roleDefinitionId}`);
    const scope = id.slice(0, id.toLowerCase().indexOf("/providers/microsoft.authorization/"));
    return { scope, principalId: textOf(principalId, functions), ...role };
  });
}

/** Returns the roles that the deployment defines or can assign, by GUID. */
export function rolesOf(snapshot: Snapshot): ReadonlyMap<string, Role> {
  return new Map([...builtInRoles(), ...customRoles(snapshot)]);
}

/** Returns the built-in roles that the template can assign, by GUID. */
function builtInRoles(): readonly (readonly [string, Role])[] {
  const text = readFileSync(new URL("../../infra/built-in-roles.json", import.meta.url), "utf8");
  const roles: Readonly<Record<string, Omit<Role, "role"> & { id: string; roleName: string }>> = JSON.parse(text);
  return Object.values(roles).map(({ id, roleName: role, actions, dataActions }) => [
    id,
    { role, actions, dataActions },
  ]);
}

function customRoles(snapshot: Snapshot): readonly (readonly [string, Role])[] {
  return resourcesOf(snapshot, "Microsoft.Authorization/roleDefinitions").map(({ id, properties }) => {
    const { roleName: role, permissions } = properties as {
      roleName: string;
      permissions: readonly Omit<Role, "role">[];
    };
    const [{ actions, dataActions } = { actions: [], dataActions: [] }] = permissions;
    return [id.split("/").at(-1) ?? "", { role, actions, dataActions }];
  });
}

/** Returns the event subscriptions with the source of their system topics. */
export function subscriptionsOf(snapshot: Snapshot): readonly DeployedSubscription[] {
  return resourcesOf(snapshot, "Microsoft.EventGrid/systemTopics/eventSubscriptions").map(({ id, properties }) => {
    const { filter, destination } = properties as {
      filter: EventFilter;
      destination: { properties: { resourceId: string } };
    };
    const topicId = id.slice(0, id.lastIndexOf("/eventSubscriptions/"));
    const topic = snapshot.predictedResources.find((each) => each.id === topicId);
    const { source = "", topicType = "" } = (topic?.properties ?? {}) as { source?: string; topicType?: string };
    return { topicType, source, filter, functionName: destination.properties.resourceId.split("/").at(-1) ?? "" };
  });
}

/** Returns the storage accounts of the Functions host, which contains the app's container, and of the packages. */
export function storageOf(snapshot: Snapshot): { readonly host: Resource; readonly packages: Resource } {
  const accounts = resourcesOf(snapshot, "Microsoft.Storage/storageAccounts");
  const withContainer = (name: string): Resource => {
    const containers = resourcesOf(snapshot, "Microsoft.Storage/storageAccounts/blobServices/containers");
    const container = containers.find(({ id }) => id.endsWith(`/containers/${name}`));
    const account = accounts.find(({ id }) => container?.id.startsWith(`${id}/`));
    if (!account) throw new Error(`no storage account has a container ${name}`);
    return account;
  };
  return { host: withContainer("aks-windows-metrics"), packages: withContainer("packages") };
}

/** Returns the identity of the site, and the name of the site. */
export function identityOf(snapshot: Snapshot): { readonly identity: Resource; readonly siteName: string } {
  const identity = onlyResourceOf(snapshot, "Microsoft.ManagedIdentity/userAssignedIdentities");
  return { identity, siteName: onlyResourceOf(snapshot, "Microsoft.Web/sites").name };
}
