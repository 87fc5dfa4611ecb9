import { splitId } from "../model/ids.ts";
import type { Command, RemedyContext } from "./remedy-context.ts";
import { quote, shell } from "./shell.ts";

/** The display names of the app's roles begin with these (`infra/roles/`); the template adds a suffix. */
const ROLES: readonly (readonly [provider: RegExp, role: string, scope: (ctx: RemedyContext) => string | undefined])[] =
  [
    [/^Microsoft\.ContainerService\//i, "AKS Windows metrics: cluster", ({ cluster }) => cluster],
    [/^Microsoft\.Compute\//i, "AKS Windows metrics: scale sets", ({ names }) => resourceGroupIn(names.scope)],
  ];

/** Returns the command that starts an operation of AKS on the cluster. */
export function aks(operation: string): Command {
  return ({ cluster }) => `az aks ${operation} ${clusterOptions(cluster)}`;
}

/** Returns the command that starts an operation of AKS on the pool. */
export function nodePool(operation: string, options = ""): Command {
  return ({ cluster, pool }) => {
    const { subscription, resourceGroup, name } = splitId(cluster);
    const command = shell`--subscription ${subscription} --resource-group ${resourceGroup} --cluster-name ${name} --name ${pool}`;
    return command && `az aks nodepool ${operation} ${command}${options}`;
  };
}

/** Starts the cluster or, if only that is stopped, the pool. */
export const start: Command = (ctx) => (ctx.names.stopped === "pool" ? nodePool("start")(ctx) : aks("start")(ctx));

/** Assigns the role that grants the missing permission. */
export const assignRole: Command = (ctx) => {
  const { app, names } = ctx;
  const [, role, scopeOf] = ROLES.find(([provider]) => provider.test(names.action ?? "")) ?? [];
  const scope = scopeOf?.(ctx);
  if (role === undefined || scope === undefined || app.principalId === undefined) return undefined;
  const { subscription } = splitId(ctx.cluster);
  const query = quote(`[?starts_with(roleName, '${role} (')].name | [0]`);
  return (
    `az role assignment create --subscription ${subscription} --assignee-object-id ${app.principalId} ` +
    `--assignee-principal-type ServicePrincipal --scope ${quote(scope)} --role "$(az role definition list ` +
    `--subscription ${subscription} --custom-role-only true --query ${query} --output tsv)"`
  );
};

/** Removes every lock on the locked scope. */
export const deleteLocks: Command = ({ names: { scope = "" } }) => {
  const [, subscription, group, rest] =
    /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+)(\/.+)?)?$/i.exec(scope) ?? [];
  if (subscription === undefined) return undefined;
  const at = rest ? ` --resource ${quote(scope)}` : group ? ` --resource-group ${quote(group)}` : "";
  const list = `az lock list --subscription ${subscription}${at} --query "[].id" --output tsv`;
  return `az lock delete --ids $(${list})`;
};

/** Exempts the scale set from the policy assignment. */
export const exemptFromPolicy: Command = ({ scaleSet, names: { assignment } }) =>
  shell`az policy exemption create --name aks-windows-metrics --exemption-category Waiver --policy-assignment ${assignment} --scope ${scaleSet}`;

/** Sets the upgrade policy alone: a command that writes the whole scale set is refused for its image of AKS. */
export const setManualPolicy: Command = ({ scaleSet }) =>
  scaleSet && `az resource patch --ids ${quote(scaleSet)} --properties '{"upgradePolicy":{"mode":"Manual"}}'`;

export const deleteExtension: Command = ({ scaleSet, names: { extension } }) =>
  scaleSet && extension && `az resource delete --ids ${quote(`${scaleSet}/extensions/${extension}`)}`;

/** Writes the protection of the instance alone. */
export const endProtection: Command = ({ scaleSet, instanceId }) => {
  if (scaleSet === undefined || instanceId === undefined) return undefined;
  const location = `$(az resource show --ids ${quote(scaleSet)} --query location --output tsv)`;
  const body = `{"location":"'"${location}"'","properties":{"protectionPolicy":{"protectFromScaleSetActions":false}}}`;
  const url = quote(`${scaleSet}/virtualMachines/${instanceId}?api-version=2026-04-01`);
  return `az rest --method put --url ${url} --body '${body}'`;
};

/** Sets an app setting of the function app. */
export function appSetting(setting: string): Command {
  return ({ app: { site } }) => {
    if (site === undefined) return undefined;
    const ids = `$(az functionapp list --query "[?name=='${site}'].id" --output tsv)`;
    return `az functionapp config appsettings set --ids ${ids} --settings ${setting} --output none`;
  };
}

/** Breaks the lease of a blob in the app's container, at once. */
export const breakLease: Command = ({ app, names: { blob } }) => {
  const { hostname, pathname } = new URL(app.stateContainerUrl);
  // The account is in the host name, or with an IP address as the host, the first segment of the path (Azure Storage).
  const [container, account = hostname.split(".")[0]] = pathname.split("/").slice(1).toReversed();
  return shell`az storage blob lease break --auth-mode login --lease-break-period 0 --account-name ${account} --container-name ${container} --blob-name ${blob}`;
};

function clusterOptions(cluster: RemedyContext["cluster"]): string {
  const { subscription, resourceGroup, name } = splitId(cluster);
  return `--subscription ${quote(subscription)} --resource-group ${quote(resourceGroup)} --name ${quote(name)}`;
}

function resourceGroupIn(scope = ""): string | undefined {
  return /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+/i.exec(scope)?.[0];
}
