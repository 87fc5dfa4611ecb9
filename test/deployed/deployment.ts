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

/** What a role assignment of the deployment allows, and where. */
export interface Grant {
  /** The resource id at which it is assigned, and below which it holds. */
  readonly scope: string;
  /** Who has it, by object id. */
  readonly principalId: string;
  readonly actions: readonly string[];
  readonly dataActions: readonly string[];
}

/** One event subscription: where its events come from, and which of them go to which function. */
export interface DeployedSubscription {
  readonly topicType: string;
  readonly source: string;
  readonly filter: EventFilter;
  readonly functionName: string;
}

interface Actions {
  readonly actions: readonly string[];
  readonly dataActions: readonly string[];
}

/** The app settings of the deployed site. */
export function settingsOf(snapshot: Snapshot, valuesOf: RuntimeValues): Readonly<Record<string, string>> {
  const found = resourcesOf(snapshot, "Microsoft.Web/sites/config").filter(({ name }) => name.endsWith("/appsettings"));
  const functions = functionsOf(valuesOf);
  const entries = found.flatMap(({ properties }) => Object.entries(properties ?? {}));
  return Object.fromEntries(entries.map(([name, value]) => [name, textOf(value, functions)]));
}

/** Every role assignment with what its role allows; a role that nobody knows is an error. */
export function grantsOf(snapshot: Snapshot, valuesOf: RuntimeValues): readonly Grant[] {
  const roles = new Map([...builtInRoles(), ...customRoles(snapshot)]);
  const functions = functionsOf(valuesOf);
  return resourcesOf(snapshot, "Microsoft.Authorization/roleAssignments").map(({ id, properties }) => {
    const { roleDefinitionId = "", principalId } = properties as { roleDefinitionId?: string; principalId?: string };
    const role = roles.get(roleDefinitionId.split("/").at(-1) ?? "");
    if (!role) throw new Error(`${id} assigns the role ${roleDefinitionId}, which is not known`);
    const scope = id.slice(0, id.toLowerCase().indexOf("/providers/microsoft.authorization/"));
    return { scope, principalId: textOf(principalId, functions), ...role };
  });
}

/** Azure's own roles, by their GUID: those that the template may assign. */
function builtInRoles(): readonly (readonly [string, Actions])[] {
  const text = readFileSync(new URL("../../infra/built-in-roles.json", import.meta.url), "utf8");
  const roles: Readonly<Record<string, Actions & { id: string }>> = JSON.parse(text);
  return Object.values(roles).map(({ id, actions, dataActions }) => [id, { actions, dataActions }]);
}

function customRoles(snapshot: Snapshot): readonly (readonly [string, Actions])[] {
  return resourcesOf(snapshot, "Microsoft.Authorization/roleDefinitions").map(({ id, properties }) => {
    const { permissions } = properties as { permissions: readonly Actions[] };
    const [{ actions, dataActions } = { actions: [], dataActions: [] }] = permissions;
    return [id.split("/").at(-1) ?? "", { actions, dataActions }];
  });
}

/** The event subscriptions, with the topics that they hang on. */
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

/** The storage account of the Functions host, with the app's own container, and that of the packages. */
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

/** The identity that the site runs as, and the site's own name. */
export function identityOf(snapshot: Snapshot): { readonly identity: Resource; readonly siteName: string } {
  const identity = onlyResourceOf(snapshot, "Microsoft.ManagedIdentity/userAssignedIdentities");
  return { identity, siteName: onlyResourceOf(snapshot, "Microsoft.Web/sites").name };
}
