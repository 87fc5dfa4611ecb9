import { AzError, askAz } from "./az.ts";
import { type Source, type SystemTopic, findTopic, isSame, topicFault } from "./event-topics.ts";

/**
 * `node infra/operate/clusters.ts` prints the template parameter `clusters` for the clusters in `AKS_CLUSTER_IDS`, as
 * JSON on one line. Bicep cannot look up these values, because it needs the scopes of modules before the deployment
 * starts. The script changes nothing. It reports all problems together, and then exits with code 1.
 */
const CLUSTER_ID = new RegExp(
  "^/subscriptions/([0-9a-f-]{36})/resourceGroups/([\\w.()-]+)" +
    "/providers/Microsoft.ContainerService/managedClusters/([\\w-]+)$",
  "i",
);

/** The fields of `az aks show` that this script uses. */
interface ManagedCluster {
  readonly id: string;
  readonly location: string;
  readonly nodeResourceGroup: string;
  readonly nodeResourceGroupProfile?: { readonly restrictionLevel?: string | null } | null;
  readonly aadProfile?: object | null;
}

/** The type `Cluster` in infra/types.bicep. */
interface Cluster {
  readonly id: string;
  readonly nodeResourceGroup: string;
  readonly location: string;
  readonly existingSystemTopicName?: string;
  readonly existingSystemTopicResourceGroup?: string;
  readonly existingAksTopicName?: string;
  readonly subscriptionSource?: true;
}

const faults: string[] = [];
const topicsOf = new Map<string, readonly SystemTopic[]>();

const environmentName = process.env["AZURE_ENV_NAME"] ?? "";
const ids = readIds("AKS_CLUSTER_IDS");
const withSubscriptionSource = readIds("SUBSCRIPTION_SOURCE_CLUSTER_IDS");
if (environmentName === "") faults.push("AZURE_ENV_NAME is not set. Set it to the name of the deployment.");
if (ids.length === 0) {
  faults.push("AKS_CLUSTER_IDS is not set. Set it to the resource IDs of the clusters, separated by commas or spaces.");
}
for (const id of withSubscriptionSource) {
  if (ids.some((each) => isSame(each, id))) continue;
  faults.push(
    `SUBSCRIPTION_SOURCE_CLUSTER_IDS contains ${id}, which is not in AKS_CLUSTER_IDS.` +
      " Add the ID there, or remove it from SUBSCRIPTION_SOURCE_CLUSTER_IDS.",
  );
}
const clusters = faults.length === 0 ? ids.map(readCluster) : [];
if (faults.length === 0) console.log(JSON.stringify(clusters));
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;

function readIds(variable: string): readonly string[] {
  const ids = (process.env[variable] ?? "").split(/[\s,]+/).filter((id) => id !== "");
  return ids.filter((id, i) => ids.findIndex((each) => isSame(each, id)) === i);
}

function readCluster(id: string): Cluster | undefined {
  const [, subscriptionId = "", resourceGroup = "", name = ""] = CLUSTER_ID.exec(id) ?? [];
  if (name === "") {
    faults.push(
      `AKS_CLUSTER_IDS contains '${id}', which is not the resource ID of a cluster.` +
        " Use the ID that `az aks show --query id` prints.",
    );
    return undefined;
  }
  return tryTo(() => {
    const options = { subscription: subscriptionId, "resource-group": resourceGroup, name };
    const shown: ManagedCluster = JSON.parse(askAz("aks show", options));
    refuseLocked(shown, resourceGroup, name);
    if (!shown.aadProfile) {
      console.error(
        `Warning: the cluster ${name} has no Microsoft Entra integration, so the app does not publish addresses there.` +
          " Enable the integration, or see ALLOW_CLUSTER_USER_CERTIFICATE in docs/settings.md.",
      );
    }
    return describe(shown, subscriptionId, resourceGroup);
  });
}

/** Reports a locked node resource group. The lock also denies the app's writes, so subscriptionSource does not help. */
function refuseLocked(shown: ManagedCluster, resourceGroup: string, name: string): void {
  if (shown.nodeResourceGroupProfile?.restrictionLevel !== "ReadOnly") return;
  faults.push(
    [
      `The node resource group ${shown.nodeResourceGroup} of the cluster ${name} is locked (ReadOnly), so the app cannot` +
        " write the extension.",
      "Unlock it (not possible with AKS Automatic), or remove the cluster and use an alternative from README.md:",
      `  az aks update --resource-group ${resourceGroup} --name ${name} --nrg-lockdown-restriction-level Unrestricted`,
    ].join("\n"),
  );
}

function describe(shown: ManagedCluster, subscriptionId: string, resourceGroup: string): Cluster {
  const { id, nodeResourceGroup, location } = shown;
  const subscription = `/subscriptions/${subscriptionId}`;
  const subscriptionSource = withSubscriptionSource.some((each) => isSame(each, id));
  const group = {
    id: `${subscription}/resourceGroups/${nodeResourceGroup}`,
    topicType: "Microsoft.Resources.ResourceGroups",
  };
  const whole = { id: subscription, topicType: "Microsoft.Resources.Subscriptions" };
  const found = findUsable(subscriptionSource ? whole : group, subscriptionId);
  const foundAks = findUsable({ id, topicType: "Microsoft.ContainerService.ManagedClusters" }, subscriptionId);
  if (foundAks && !isSame(foundAks.resourceGroup, resourceGroup)) {
    faults.push(
      `The system topic ${foundAks.name} of ${id} is in the resource group ${foundAks.resourceGroup},` +
        ` but the template can use it only in ${resourceGroup}. Delete the topic if it is not in use. The template then` +
        " creates its own.",
    );
  }
  return {
    id,
    nodeResourceGroup,
    location,
    ...(found && { existingSystemTopicName: found.name, existingSystemTopicResourceGroup: found.resourceGroup }),
    ...(foundAks && { existingAksTopicName: foundAks.name }),
    ...(subscriptionSource && { subscriptionSource }),
  };
}

function findUsable(source: Source, subscriptionId: string): SystemTopic | undefined {
  const key = subscriptionId.toLowerCase();
  if (!topicsOf.has(key)) {
    const options = { subscription: subscriptionId };
    topicsOf.set(key, JSON.parse(askAz("eventgrid system-topic list", options)));
  }
  const topic = findTopic(topicsOf.get(key) ?? [], source, environmentName);
  const fault = topic && topicFault(topic, subscriptionId);
  if (fault !== undefined && !faults.includes(fault)) faults.push(fault);
  if (topic) console.error(`Using the existing system topic ${topic.name} of ${topic.source}.`);
  return topic;
}

/** Records the error of a cluster that cannot be read, so that the script still checks the others. */
function tryTo<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AzError)) throw error;
    faults.push(error.message);
    return undefined;
  }
}
