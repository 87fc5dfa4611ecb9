@export()
@sealed()
@description('A cluster that the app manages. The node resource group and region are parameters because Bicep needs the scope of a module before the deployment starts.')
type Cluster = {
  @description('Resource ID of the managed cluster.')
  id: string

  @description('Name of the node resource group (`az aks show --query nodeResourceGroup`).')
  nodeResourceGroup: string

  @description('Region of the cluster and of its system topic.')
  location: string

  @description('Name of the system topic that the node resource group already has. With subscriptionSource, the system topic of the subscription. A source can have only one.')
  existingSystemTopicName: string?

  @description('Resource group of that system topic. Default: the node resource group; with subscriptionSource, the resource group of the app.')
  existingSystemTopicResourceGroup: string?

  @description('Name of the system topic that the cluster already has, in the resource group of the cluster.')
  existingAksTopicName: string?

  @description('True if the node resource group cannot contain a system topic, for example because of a lock. The events then come from a system topic of the whole subscription.')
  subscriptionSource: bool?
}

@export()
@sealed()
@description('Optional app settings, described in docs/settings.md. The app uses its default for a setting that is not given.')
type OptionalSettings = {
  @description('Node pools that get the extension.')
  POOLS: string?

  @description('Node pools from which the app removes the exporter; * for all. Requires the parameter allowUninstall.')
  UNINSTALL_POOLS: string?

  @description('Name of this copy of the app, stored in its extensions. The app does not change the extensions of other copies.')
  OWNER: string?

  @description('URL of the blob container for memory, leases and reports. The app\'s identity needs read and write access to it.')
  STATE_CONTAINER_URL: string?

  @description('Interval between passes of a cluster that has nothing to do.')
  RESYNC_AFTER: string?

  @description('Node pool that tries a new package before the other pools.')
  CANARY_POOL: string?

  @description('How long a new package has to be well in the canary pool before the other pools get it.')
  ROLLOUT_SOAK: string?

  @description('Number of instances of a pool to upgrade at a time where a working exporter is replaced.')
  ROLLOUT_BATCH: string?

  @description('Number of instances of a pool to upgrade at a time if they have no exporter.')
  RESTORE_BATCH: string?

  @description('SHA-256 hashes of the packages that the app can deploy.')
  PACKAGE_ALLOWED: string?

  @description('How nodes download the package: with a signed link or anonymously.')
  PACKAGE_ACCESS: ('link' | 'anonymous')?

  @description('Source of the exporter, for each pool.')
  SCRAPE_SOURCES: string?

  @description('Kubernetes objects to publish: Endpoints and EndpointSlices, or EndpointSlices only.')
  SCRAPE_OBJECTS: ('both' | 'slices')?

  @description('Namespace of the Service.')
  SCRAPE_NAMESPACE: string?

  @description('Share of the published addresses that a single pass can remove.')
  SHRINK_GUARD: string?

  @description('Whether the app can use a cluster without Microsoft Entra integration.')
  ALLOW_CLUSTER_USER_CERTIFICATE: ('true' | 'false')?

  @description('Maximum number of clusters to process at the same time.')
  CLUSTER_CONCURRENCY: string?

  @description('URL of the Grafana that has the dashboards. The status page and the alerts of prometheusRules link to them.')
  GRAFANA_URL: string?

  @description('Endpoint of Azure Resource Manager.')
  ARM_ENDPOINT: string?
}

@export()
@description('A role assignment that an administrator must create. The assignee is the resource whose managed identity gets the role.')
type RoleGrant = {
  @description('Name of the role.')
  role: string

  @description('Resource ID of the definition of a built-in role. Empty for a custom role, which an administrator must create with these actions.')
  roleDefinitionId: string

  @description('Control plane actions of the role.')
  actions: string[]

  @description('Data plane actions of the role.')
  dataActions: string[]

  @description('Resource ID of the scope of the assignment.')
  scope: string

  @description('Resource ID of the user-assigned identity or of the system topic.')
  assignee: string
}

@export()
@description('A custom role, as defined in the files of roles/.')
type Role = {
  @description('Name of the role, without the suffix that makes it unique in the tenant.')
  roleName: string

  @description('Purpose of the role.')
  description: string

  @description('Scope of the assignment: cluster, nodeResourceGroup or packageStorageAccount.')
  scope: string

  @description('Control plane actions.')
  actions: string[]

  @description('Data plane actions.')
  dataActions: string[]
}

@export()
@description('Filter of an event subscription.')
type EventFilter = {
  @description('Event types to deliver.')
  includedEventTypes: string[]

  @description('Prefix of the subject, not case-sensitive. Empty for any subject.')
  subjectBeginsWith: string

  @description('Operations of Azure Resource Manager events to deliver. Empty for events that have no operation.')
  operationNames: string[]
}
