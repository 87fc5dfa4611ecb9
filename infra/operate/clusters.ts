import { AzError, askAz } from "./az.ts";
import { type Source, type SystemTopic, findTopic, isSame, topicFault } from "./event-topics.ts";

/**
 * `node infra/operate/clusters.ts` prints the template's parameter `clusters`, as JSON on one line, for the clusters
 * that `AKS_CLUSTER_IDS` names: Bicep can scope no module by what a cluster says of itself. It only reads. All that
 * stands in the way is said at once, and the exit code is then 1.
 */
const CLUSTER_ID = new RegExp(
  "^/subscriptions/([0-9a-f-]{36})/resourceGroups/([\\w.()-]+)" +
    "/providers/Microsoft.ContainerService/managedClusters/([\\w-]+)$",
  "i",
);

/** What `az aks show` says, as far as it matters here. */
interface ManagedCluster {
  readonly id: string;
  readonly location: string;
  readonly nodeResourceGroup: string;
  readonly nodeResourceGroupProfile?: { readonly restrictionLevel?: string | null } | null;
  readonly aadProfile?: object | null;
}

/** The type Cluster of infra/types.bicep. */
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
if (environmentName === "") faults.push("AZURE_ENV_NAME is not set: the name of the deployment");
if (ids.length === 0) faults.push("AKS_CLUSTER_IDS is not set: ids of clusters, with commas or blanks between them");
for (const id of withSubscriptionSource) {
  if (!ids.some((each) => isSame(each, id))) faults.push(`${id} has subscriptionSource, and is none of the clusters`);
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
    faults.push(`found the id '${id}', expected that of a cluster, as \`az aks show --query id\` prints it`);
    return undefined;
  }
  return tryTo(() => {
    const options = { subscription: subscriptionId, "resource-group": resourceGroup, name };
    const shown: ManagedCluster = JSON.parse(askAz("aks show", options));
    refuseLocked(shown, resourceGroup, name);
    if (!shown.aadProfile) {
      console.error(`Note: ${name} has no Entra integration. The app refuses such a cluster: docs/permissions.md.`);
    }
    return describe(shown, subscriptionId, resourceGroup);
  });
}

/** A lock keeps the app from writing as well, so that no other topic is a way out. */
function refuseLocked(shown: ManagedCluster, resourceGroup: string, name: string): void {
  if (shown.nodeResourceGroupProfile?.restrictionLevel !== "ReadOnly") return;
  faults.push(
    [
      `the node resource group ${shown.nodeResourceGroup} of ${name} is locked (ReadOnly): it takes no extension.`,
      "Unlock it, which AKS Automatic does not allow, or leave the cluster out: README.md names other ways.",
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
      `the system topic ${foundAks.name} of ${id} is in the group ${foundAks.resourceGroup},` +
        ` expected ${resourceGroup}, where the template looks for it; delete it there, and the template makes its own`,
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
  if (topic) console.error(`Found the system topic ${topic.name} of ${topic.source}: it will be used.`);
  return topic;
}

/** One cluster that can't be read hides no fault of the others. */
function tryTo<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AzError)) throw error;
    faults.push(error.message);
    return undefined;
  }
}
