import { type Azure, type Call, type Topic, part } from "./azure.ts";
import { Refusal, readNamed } from "./tool.ts";

/** The type `Cluster` in infra/types.bicep. */
interface Cluster {
  readonly id: string;
  readonly nodeResourceGroup: string;
  readonly existingSystemTopicName?: string;
  readonly existingSystemTopicResourceGroup?: string;
  readonly existingAksTopicName?: string;
  readonly subscriptionSource?: boolean;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/** Reads the variables of a parameters file. Throws if one without a default is missing. */
export function readVariables(call: Call): Variables {
  const reads = readNamed(call, "parameters").matchAll(/readEnvironmentVariable\('(\w+)'(,)?/g);
  const found = [...reads].map(([, name = "", comma]) => ({ name, isRequired: comma === undefined }));
  for (const { name, isRequired } of found) {
    if (isRequired && process.env[name] === undefined) {
      throw new Refusal(
        `Error BCP427: Environment variable "${name}" does not exist and there's no default value set.`,
      );
    }
  }
  Object.assign(call, { variables: Object.fromEntries(found.map(({ name }) => [name, process.env[name]])) });
  return call.variables ?? {};
}

/** Creates the system topics of the template, and rejects what Event Grid rejects. */
export function deploy(azure: Azure, variables: Variables): void {
  if (azure.deploying === "fails") throw new Refusal("(DeploymentFailed) At least one resource deployment failed.");
  const clusters: readonly Cluster[] = JSON.parse(variables["AKS_CLUSTERS"] ?? "[]");
  for (const topic of topicsFor(clusters, variables["AZURE_ENV_NAME"] ?? "")) deployTopic(azure, topic);
  if (variables["DEPLOY_EVENT_SUBSCRIPTIONS"] === "true") refuseWithoutFunction(azure);
}

function refuseWithoutFunction({ published, appearsAfter }: Azure): void {
  if (!published || appearsAfter > 0) throw new Refusal("Destination endpoint not found.");
}

function deployTopic({ topics }: Azure, topic: Topic): void {
  const there = topics.find((each) => isSame(each.source, topic.source) && isSame(each.topicType, topic.topicType));
  const isThere = there?.name === topic.name && there.resourceGroup === topic.resourceGroup;
  if (topic.identity === null && !isThere) throw new Refusal(`(ResourceNotFound) ${topic.name} was not found.`);
  if (there && !isThere) throw new Refusal("Only one system topic is allowed per source.");
  if (!there) topics.push(topic);
}

/** Returns the system topics of the template. Existing ones have no identity here: the template does not create it. */
function topicsFor(clusters: readonly Cluster[], environmentName: string): readonly Topic[] {
  return clusters.flatMap((each) => {
    const subscription = part(each.id, 2);
    const group = `/subscriptions/${subscription}/resourceGroups/${each.nodeResourceGroup}`;
    const whole = each.subscriptionSource === true;
    const make = (source: string, topicType: string, resourceGroup: string, found?: string): Topic => ({
      subscription,
      source,
      topicType,
      resourceGroup,
      name: found ?? `evgt-awm-${source.split("/").at(-1)}`,
      tags: { "azd-env-name": environmentName },
      identity: found === undefined ? { type: "SystemAssigned", principalId: `principal of ${source}` } : null,
    });
    const place = each.existingSystemTopicResourceGroup ?? (whole ? "rg-test" : each.nodeResourceGroup);
    return [
      make(
        whole ? `/subscriptions/${subscription}` : group,
        whole ? "Microsoft.Resources.Subscriptions" : "Microsoft.Resources.ResourceGroups",
        place,
        each.existingSystemTopicName,
      ),
      make(each.id, "Microsoft.ContainerService.ManagedClusters", part(each.id, 4), each.existingAksTopicName),
    ];
  });
}

/** Returns the resource ID of the app's identity. */
export function identityOf({ subscription }: Azure): string {
  const kind = "Microsoft.ManagedIdentity/userAssignedIdentities";
  return `/subscriptions/${subscription}/resourceGroups/rg-test/providers/${kind}/id-awm-x`;
}

/** Returns part of the output ROLES_TO_ASSIGN: a built-in role for a system topic, and a custom role. */
export function rolesToAssign(azure: Azure): readonly object[] {
  const { subscription, topics, clusters } = azure;
  const app = `/subscriptions/${subscription}/resourceGroups/rg-test/providers`;
  const [topic] = topics;
  const [first] = clusters;
  return [
    {
      role: "Storage Blob Data Contributor",
      roleDefinitionId: `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleDefinitions/ba92f5b4`,
      actions: ["Microsoft.Storage/storageAccounts/blobServices/containers/write"],
      dataActions: ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write"],
      scope: `${app}/Microsoft.Storage/storageAccounts/stawmhostx/blobServices/default/containers/eventgrid-deadletter`,
      assignee: `${app.replace("rg-test", topic?.resourceGroup ?? "")}/Microsoft.EventGrid/systemTopics/${topic?.name}`,
    },
    {
      role: "AKS Windows metrics: cluster (x)",
      roleDefinitionId: "",
      actions: ["Microsoft.ContainerService/managedClusters/read"],
      dataActions: [],
      scope: first?.id,
      assignee: identityOf(azure),
    },
  ];
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
