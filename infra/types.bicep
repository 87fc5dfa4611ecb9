@export()
@sealed()
@description('A cluster that the app takes care of. Its node resource group and region are given, for no module can be scoped by what a cluster says of itself.')
type Cluster = {
  @description('The resource id of the managed cluster.')
  id: string

  @description('The name of its node resource group (`az aks show --query nodeResourceGroup`).')
  nodeResourceGroup: string

  @description('Its region, which is also that of its Event Grid topic.')
  location: string

  @description('The system topic that its node resource group (or, with subscriptionSource, its subscription) has already: a source can have only one.')
  existingSystemTopicName: string?

  @description('The resource group of that topic. Default: the node resource group; with subscriptionSource, the app\'s own.')
  existingSystemTopicResourceGroup: string?

  @description('The system topic that the cluster has already, in its own resource group.')
  existingAksTopicName: string?

  @description('True where the node resource group takes no topic (locked): the events then come from one topic of the whole subscription.')
  subscriptionSource: bool?
}

@export()
@sealed()
@description('The app\'s optional settings, as docs/settings.md describes them; what is not given keeps the app\'s default.')
type OptionalSettings = {
  @description('Node pools that get the extension.')
  POOLS: string?

  @description('Tells this app\'s extension from another copy\'s.')
  OWNER: string?

  @description('Container of the app\'s memory, leases and reports; the app needs its rights there.')
  STATE_CONTAINER_URL: string?

  @description('After how long a settled cluster is looked at again.')
  RESYNC_AFTER: string?

  @description('Instances at a time, of a package that is not proven.')
  ROLLOUT_BATCH: string?

  @description('Instances at a time, of a package that is put back.')
  RESTORE_BATCH: string?

  @description('Hashes of the packages that may be deployed.')
  PACKAGE_ALLOWED: string?

  @description('How nodes download the package.')
  PACKAGE_ACCESS: ('link' | 'anonymous')?

  @description('Who installs the exporter, by pool.')
  SCRAPE_SOURCES: string?

  @description('What is published.')
  SCRAPE_OBJECTS: ('both' | 'slices')?

  @description('The Service\'s namespace.')
  SCRAPE_NAMESPACE: string?

  @description('The share of addresses that one pass may remove.')
  SHRINK_GUARD: string?

  @description('Whether a cluster without Entra is used.')
  ALLOW_CLUSTER_USER_CERTIFICATE: ('true' | 'false')?

  @description('Clusters at a time.')
  CLUSTER_CONCURRENCY: string?

  @description('Where Azure Resource Manager answers.')
  ARM_ENDPOINT: string?
}

@export()
@description('A role that somebody has to assign. The assignee is the resource whose managed identity gets it.')
type RoleGrant = {
  @description('The role\'s name.')
  role: string

  @description('The id of a built-in role; empty for a custom one, which is to be made with these actions.')
  roleDefinitionId: string

  @description('What it allows in Azure Resource Manager.')
  actions: string[]

  @description('What it allows on data.')
  dataActions: string[]

  @description('The resource id at which it is assigned.')
  scope: string

  @description('The resource id of the user-assigned identity, or of the system topic.')
  assignee: string
}

@export()
@description('A custom role, as the files in roles/ hold it.')
type Role = {
  @description('Its name, without the suffix that makes it unique in the tenant.')
  roleName: string

  @description('What it is for.')
  description: string

  @description('Where it is assigned: cluster, nodeResourceGroup or packageStorageAccount.')
  scope: string

  @description('What it allows in Azure Resource Manager.')
  actions: string[]

  @description('What it allows on data.')
  dataActions: string[]
}

@export()
@description('What an event subscription lets through.')
type EventFilter = {
  @description('Event types.')
  includedEventTypes: string[]

  @description('How the subject begins, without regard to case; empty for any.')
  subjectBeginsWith: string

  @description('The operations of ARM events; empty for events that have none.')
  operationNames: string[]
}
