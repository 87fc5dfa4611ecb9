import { Cluster, OptionalSettings, RoleGrant } from 'types.bicep'

targetScope = 'subscription'

@description('Name of this deployment, unique in the subscription. The names of all resources are derived from it.')
@minLength(2)
@maxLength(32)
param environmentName string

@description('Region of the function app. With private endpoints, the region of their subnet.')
param location string

@description('Resource group of the function app. Each subscription with clusters that set subscriptionSource gets a resource group of the same name for its system topic.')
param resourceGroupName string = 'rg-${environmentName}'

@description('The AKS clusters to manage, in any resource group and subscription of the tenant.')
@minLength(1)
param clusters Cluster[]

@description('observe plans and reports; install also carries out the plans.')
param mode 'observe' | 'install' = 'observe'

@description('App settings that override the defaults of the app.')
param appSettings OptionalSettings = {}

@description('Whether to deploy the event subscriptions (the second stage). Event Grid accepts them only after the function is published.')
param deployEventSubscriptions bool = false

@description('Whether to create the role definitions and assignments. If false, the output ROLES_TO_ASSIGN lists the roles that an administrator must assign.')
param assignRoles bool = true

@description('Whether the app can delete its extension from the scale sets, which the app setting UNINSTALL_POOLS requires. Deploy again without it after the uninstallation: the role then loses the permission.')
param allowUninstall bool = false

@description('Node.js version of the function app.')
param nodeVersion '22' | '24' = '24'

@description('Number of instances that are always ready for events. With 0, an event that arrives while no instance is running can be delayed or lost.')
@minValue(0)
param alwaysReadyInstances int = 1

@description('Resource ID of the subnet for virtual network integration, delegated to Microsoft.App/environments. The app uses it to reach private clusters and storage. Empty for none.')
param integrationSubnetId string = ''

@description('Resource ID of the subnet for the private endpoints of both storage accounts, which then deny access from public networks. Empty for none.')
param privateEndpointSubnetId string = ''

@description('Resource ID of the private DNS zone privatelink.blob, if the virtual network has one. If empty, the template creates the zone and links it.')
param blobPrivateDnsZoneId string = ''

@description('CIDR ranges that can call the functions and publish packages. If empty, the functions can be called from any network with a function key.')
param operatorIpRanges string[] = []

@description('CIDR ranges that can deploy the code of the app. Deployment always requires Microsoft Entra credentials.')
param deploymentIpRanges string[] = operatorIpRanges

@description('Resource ID of the action group that the alerts notify. Empty for none.')
param actionGroupId string = ''

@description('Resource ID of the Azure Monitor workspace that stores the metrics of the clusters. The template then deploys prometheusRules to it. Empty for none.')
param azureMonitorWorkspaceId string = ''

@description('Region of the Azure Monitor workspace, in which its rules must be.')
param azureMonitorWorkspaceLocation string = location

@description('Rule files of monitoring/rules to deploy. app requires that the workspace has the metrics of the app; compat is for the Windows dashboards of kubernetes-mixin or Azure, and no other exporter or rule may have its names.')
param prometheusRules ('app' | 'compat' | 'containers' | 'coverage' | 'nodes' | 'records')[] = ['containers', 'coverage', 'nodes', 'records']

@description('Tags for all resources that the template creates.')
param tags { *: string } = {}

func customRoleGuid(subscriptionId string, roleName string, token string) string => guid(subscriptionId, token, roleName)

func customRoleId(subscriptionId string, roleName string, token string) string =>
  subscriptionResourceId(
    subscriptionId,
    'Microsoft.Authorization/roleDefinitions',
    customRoleGuid(subscriptionId, roleName, token)
  )

// Names of custom roles must be unique in the tenant, and each subscription has its own definition.
func customRoleName(subscriptionId string, roleName string, token string) string =>
  '${roleName} (${uniqueString(subscriptionId, token)})'

var clusterRole = loadJsonContent('roles/cluster.json')
var nodeResourceGroupFile = loadJsonContent('roles/node-resource-group.json')
var nodeResourceGroupRole = {
  roleName: nodeResourceGroupFile.roleName
  description: nodeResourceGroupFile.description
  scope: nodeResourceGroupFile.scope
  actions: concat(nodeResourceGroupFile.actions, allowUninstall ? nodeResourceGroupFile.uninstallActions : [])
  dataActions: nodeResourceGroupFile.dataActions
}
var packageRole = loadJsonContent('roles/package.json')
var builtInRoles = loadJsonContent('built-in-roles.json')
var builtInRoleIds = mapValues(
  builtInRoles,
  role => subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.id)
)

var eventFunction = 'scaleSetEvent'
var timerFunctions = ['reconcileTimer', 'scrapeEndpointsTimer']
var containers = {
  code: 'app-package'
  deadLetters: 'eventgrid-deadletter'
  packages: 'packages'
  state: 'aks-windows-metrics'
}

var home = toLower(subscription().subscriptionId)
var token = uniqueString(home, environmentName, location)
var names = {
  app: 'func-awm-${token}'
  plan: 'plan-awm-${token}'
  identity: 'id-awm-${token}'
  hostStorage: 'stawmhost${token}'
  packageStorage: 'stawmpkg${token}'
  workspace: 'log-awm-${token}'
  insights: 'appi-awm-${token}'
}
var ids = {
  app: resourceId(home, resourceGroupName, 'Microsoft.Web/sites', names.app)
  identity: resourceId(home, resourceGroupName, 'Microsoft.ManagedIdentity/userAssignedIdentities', names.identity)
  hostStorage: resourceId(home, resourceGroupName, 'Microsoft.Storage/storageAccounts', names.hostStorage)
  packageStorage: resourceId(home, resourceGroupName, 'Microsoft.Storage/storageAccounts', names.packageStorage)
  insights: resourceId(home, resourceGroupName, 'Microsoft.Insights/components', names.insights)
  deadLetters: resourceId(
    home,
    resourceGroupName,
    'Microsoft.Storage/storageAccounts/blobServices/containers',
    names.hostStorage,
    'default',
    containers.deadLetters
  )
}
var givenSettings = toObject(filter(items(appSettings), each => each.?value != null), each => each.key, each => each.?value)
var allTags = { ...tags, 'azd-env-name': environmentName }

var placed = map(clusters, cluster => {
  ...cluster
  key: uniqueString(toLower(cluster.id), token)
  parts: length(split(cluster.id, '/')) == 9
    ? split(cluster.id, '/')
    : fail('clusters: "${cluster.id}" is not the resource ID of a managed cluster. Use the ID that `az aks show --query id` prints: /subscriptions/…/resourceGroups/…/providers/Microsoft.ContainerService/managedClusters/…')
  subscriptionId: toLower(split(cluster.id, '/')[2])
  nodeResourceGroupId: '/subscriptions/${toLower(split(cluster.id, '/')[2])}/resourceGroups/${cluster.nodeResourceGroup}'
})
var clusterSubscriptions = union(map(placed, each => each.subscriptionId), [])
var inFallback = filter(placed, each => each.?subscriptionSource ?? false)
var fallbackSubscriptions = union(map(inFallback, each => each.subscriptionId), [])
var groupSubscriptions = union([home], fallbackSubscriptions)

// A source can have only one system topic. If one exists, the template uses it.
var groupTopics = map(filter(placed, each => !(each.?subscriptionSource ?? false)), each => {
  subscriptionId: each.subscriptionId
  resourceGroup: each.?existingSystemTopicResourceGroup ?? each.nodeResourceGroup
  name: each.?existingSystemTopicName ?? 'evgt-awm-${uniqueString(toLower(each.nodeResourceGroupId), token)}'
  isFound: contains(each, 'existingSystemTopicName')
  source: each.nodeResourceGroupId
  topicType: 'Microsoft.Resources.ResourceGroups'
  location: 'global'
  clusters: [each]
})
var subscriptionTopics = map(
  map(fallbackSubscriptions, id => {
    id: id
    clusters: filter(inFallback, each => each.subscriptionId == id)
    found: first(filter(
      inFallback,
      each => each.subscriptionId == id && contains(each, 'existingSystemTopicName')
    ))
  }),
  each => {
    subscriptionId: each.id
    resourceGroup: each.?found.?existingSystemTopicResourceGroup ?? resourceGroupName
    name: each.?found.?existingSystemTopicName ?? 'evgt-awm-${uniqueString(each.id, token)}'
    isFound: each.?found != null
    source: '/subscriptions/${each.id}'
    topicType: 'Microsoft.Resources.Subscriptions'
    location: 'global'
    clusters: each.clusters
  }
)
var aksTopics = map(placed, each => {
  subscriptionId: each.subscriptionId
  resourceGroup: each.parts[4]
  name: each.?existingAksTopicName ?? 'evgt-awm-${each.key}'
  isFound: contains(each, 'existingAksTopicName')
  source: each.id
  topicType: 'Microsoft.ContainerService.ManagedClusters'
  location: each.location
  clusters: [each]
})
var allTopics = map(concat(groupTopics, subscriptionTopics, aksTopics), topic => {
  ...topic
  id: resourceId(topic.subscriptionId, topic.resourceGroup, 'Microsoft.EventGrid/systemTopics', topic.name)
  key: uniqueString(toLower(topic.source), token)
})
var allEvents = flatten(map(allTopics, topic => map(topic.clusters, each => {
  topic: topic
  key: each.key
  filter: topic.topicType == 'Microsoft.ContainerService.ManagedClusters'
    ? {
        includedEventTypes: [
          'Microsoft.ContainerService.NodePoolRollingSucceeded'
          'Microsoft.ContainerService.NodePoolRollingFailed'
        ]
        subjectBeginsWith: ''
        operationNames: []
      }
    : {
        includedEventTypes: ['Microsoft.Resources.ResourceWriteSuccess']
        subjectBeginsWith: '${each.nodeResourceGroupId}/providers/Microsoft.Compute/virtualMachineScaleSets'
        operationNames: ['Microsoft.Compute/virtualMachineScaleSets/write']
      }
})))

var roleDefinitions = concat(
  [{ subscriptionId: home, role: packageRole }],
  flatten(map(clusterSubscriptions, id => [
    { subscriptionId: id, role: clusterRole }
    { subscriptionId: id, role: nodeResourceGroupRole }
  ]))
)
var rolesToAssign = concat(
  map(
    [
      { role: builtInRoles.storageBlobDataOwner, scope: ids.hostStorage, assignee: ids.identity }
      { role: builtInRoles.monitoringMetricsPublisher, scope: ids.insights, assignee: ids.identity }
      ...map(allTopics, topic => {
        role: builtInRoles.storageBlobDataContributor
        scope: ids.deadLetters
        assignee: topic.id
      })
    ],
    grant => {
      role: grant.role.roleName
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.role.id)
      actions: grant.role.actions
      dataActions: grant.role.dataActions
      scope: grant.scope
      assignee: grant.assignee
    }
  ),
  map(
    [
      { role: packageRole, subscriptionId: home, scope: ids.packageStorage }
      ...map(placed, each => { role: clusterRole, subscriptionId: each.subscriptionId, scope: each.id })
      ...map(placed, each => {
        role: nodeResourceGroupRole
        subscriptionId: each.subscriptionId
        scope: each.nodeResourceGroupId
      })
    ],
    grant => {
      role: customRoleName(grant.subscriptionId, grant.role.roleName, token)
      roleDefinitionId: ''
      actions: grant.role.actions
      dataActions: grant.role.dataActions
      scope: grant.scope
      assignee: ids.identity
    }
  )
)

module groups 'modules/resource-group.bicep' = [
  for id in groupSubscriptions: {
    name: 'awm-group-${token}'
    scope: subscription(id)
    params: { name: resourceGroupName, location: location, tags: allTags }
  }
]

module identity 'modules/identity.bicep' = {
  name: 'awm-identity'
  scope: resourceGroup(resourceGroupName)
  params: { name: names.identity, location: location, tags: allTags }
  dependsOn: [groups]
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'awm-monitoring'
  scope: resourceGroup(resourceGroupName)
  params: {
    workspaceName: names.workspace
    insightsName: names.insights
    location: location
    tags: allTags
  }
  dependsOn: [groups]
}

module hostStorage 'modules/storage-account.bicep' = {
  name: 'awm-host-storage'
  scope: resourceGroup(resourceGroupName)
  params: {
    name: names.hostStorage
    location: location
    tags: allTags
    containerNames: [containers.code, containers.deadLetters, containers.state]
    keepsVersions: false
    expiringContainerNames: [containers.deadLetters]
    isPrivate: !empty(privateEndpointSubnetId)
    allowedIpRanges: []
  }
  dependsOn: [groups]
}

// Separate from the host's account: write access to its locks must not include the package that nodes run as SYSTEM.
module packageStorage 'modules/storage-account.bicep' = {
  name: 'awm-package-storage'
  scope: resourceGroup(resourceGroupName)
  params: {
    name: names.packageStorage
    location: location
    tags: allTags
    containerNames: [containers.packages]
    keepsVersions: true
    expiringContainerNames: []
    isPrivate: !empty(privateEndpointSubnetId)
    allowedIpRanges: operatorIpRanges
  }
  dependsOn: [groups]
}

var virtualNetworkId = empty(privateEndpointSubnetId) || !empty(integrationSubnetId)
  ? split(privateEndpointSubnetId, '/subnets/')[0]
  : fail('privateEndpointSubnetId is set, but integrationSubnetId is not. The app could not reach its storage accounts. Set both parameters or neither.')
var blobZoneName = 'privatelink.blob.${environment().suffixes.storage}'

module blobZone 'modules/private-dns-zone.bicep' = if (!empty(privateEndpointSubnetId) && empty(blobPrivateDnsZoneId)) {
  name: 'awm-blob-zone'
  scope: resourceGroup(resourceGroupName)
  params: { zoneName: blobZoneName, virtualNetworkId: virtualNetworkId, tags: allTags }
  dependsOn: [groups]
}

module privateEndpoints 'modules/blob-private-endpoint.bicep' = [
  for name in (empty(privateEndpointSubnetId) ? [] : [names.hostStorage, names.packageStorage]): {
    name: 'awm-endpoint-${name}'
    scope: resourceGroup(resourceGroupName)
    params: {
      name: 'pe-${name}'
      location: location
      tags: allTags
      storageAccountId: resourceId(home, resourceGroupName, 'Microsoft.Storage/storageAccounts', name)
      subnetId: privateEndpointSubnetId
      privateDnsZoneId: empty(blobPrivateDnsZoneId)
        ? resourceId(home, resourceGroupName, 'Microsoft.Network/privateDnsZones', blobZoneName)
        : blobPrivateDnsZoneId
    }
    dependsOn: [hostStorage, packageStorage, blobZone]
  }
]

module definitions 'modules/role-definition.bicep' = [
  for each in roleDefinitions: if (assignRoles) {
    name: 'awm-role-${uniqueString(each.role.roleName, token)}'
    scope: subscription(each.subscriptionId)
    params: {
      name: customRoleGuid(each.subscriptionId, each.role.roleName, token)
      roleName: customRoleName(each.subscriptionId, each.role.roleName, token)
      role: each.role
    }
  }
]

module appRoles 'modules/app-roles.bicep' = if (assignRoles) {
  name: 'awm-app-roles'
  scope: resourceGroup(resourceGroupName)
  params: {
    principalId: identity.outputs.principalId
    hostStorage: {
      name: names.hostStorage
      roleDefinitionId: builtInRoleIds.storageBlobDataOwner
      assignmentName: guid(ids.hostStorage, ids.identity, builtInRoleIds.storageBlobDataOwner)
    }
    packageStorage: {
      name: names.packageStorage
      roleDefinitionId: customRoleId(home, packageRole.roleName, token)
      assignmentName: guid(ids.packageStorage, ids.identity, packageRole.roleName)
    }
    insights: {
      name: names.insights
      roleDefinitionId: builtInRoleIds.monitoringMetricsPublisher
      assignmentName: guid(ids.insights, ids.identity, builtInRoleIds.monitoringMetricsPublisher)
    }
  }
  dependsOn: [hostStorage, packageStorage, monitoring, definitions]
}

module clusterRoles 'modules/cluster-role.bicep' = [
  for each in placed: if (assignRoles) {
    name: 'awm-cluster-role-${each.key}'
    scope: resourceGroup(each.subscriptionId, each.parts[4])
    params: {
      name: guid(toLower(each.id), ids.identity, clusterRole.roleName)
      clusterName: each.parts[8]
      roleDefinitionId: customRoleId(each.subscriptionId, clusterRole.roleName, token)
      principalId: identity.outputs.principalId
    }
    dependsOn: [definitions]
  }
]

module nodeResourceGroupRoles 'modules/resource-group-role.bicep' = [
  for each in placed: if (assignRoles) {
    name: 'awm-node-group-role-${each.key}'
    scope: resourceGroup(each.subscriptionId, each.nodeResourceGroup)
    params: {
      name: guid(toLower(each.nodeResourceGroupId), ids.identity, nodeResourceGroupRole.roleName)
      roleDefinitionId: customRoleId(each.subscriptionId, nodeResourceGroupRole.roleName, token)
      principalId: identity.outputs.principalId
    }
    dependsOn: [definitions]
  }
]

module functionApp 'modules/function-app.bicep' = {
  name: 'awm-function-app'
  scope: resourceGroup(resourceGroupName)
  params: {
    name: names.app
    planName: names.plan
    location: location
    tags: allTags
    nodeVersion: nodeVersion
    identityId: ids.identity
    deploymentContainerUrl: '${hostStorage.outputs.blobEndpoint}${containers.code}'
    settings: {
      ...givenSettings
      AKS_CLUSTER_IDS: join(map(clusters, each => each.id), ',')
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.outputs.clientId};Authorization=AAD'
      APPLICATIONINSIGHTS_CONNECTION_STRING: monitoring.outputs.connectionString
      AZURE_CLIENT_ID: identity.outputs.clientId
      AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential'
      AzureWebJobsDisableHomepage: 'true'
      // Both names of the account: with the address alone, a host on Flex Consumption can start with 401 (azure-functions-host#11787).
      AzureWebJobsStorage__accountName: names.hostStorage
      AzureWebJobsStorage__blobServiceUri: hostStorage.outputs.blobEndpoint
      AzureWebJobsStorage__clientId: identity.outputs.clientId
      AzureWebJobsStorage__credential: 'managedidentity'
      MODE: mode
      PACKAGE_CONTAINER_URL: '${packageStorage.outputs.blobEndpoint}${containers.packages}'
    }
    alwaysReadyFunction: eventFunction
    alwaysReadyInstances: alwaysReadyInstances
    integrationSubnetId: integrationSubnetId
    operatorIpRanges: operatorIpRanges
    deploymentIpRanges: deploymentIpRanges
  }
  // The app cannot start before its identity has its roles and its network has a route to the storage accounts.
  dependsOn: [appRoles, privateEndpoints]
}

module passAlerts 'modules/pass-alerts.bicep' = {
  name: 'awm-pass-alerts'
  scope: resourceGroup(resourceGroupName)
  params: {
    namePrefix: names.app
    location: location
    insightsName: names.insights
    timerNames: timerFunctions
    actionGroupId: actionGroupId
    tags: allTags
  }
  dependsOn: [monitoring]
}

var workspaceId = empty(azureMonitorWorkspaceId) || length(split(azureMonitorWorkspaceId, '/')) == 9
  ? azureMonitorWorkspaceId
  : fail('azureMonitorWorkspaceId: "${azureMonitorWorkspaceId}" is not the resource ID of an Azure Monitor workspace. Use the ID that `az monitor account show --query id` prints: /subscriptions/…/resourceGroups/…/providers/Microsoft.Monitor/accounts/…')

module prometheusRuleGroups 'modules/prometheus-rules.bicep' = if (!empty(azureMonitorWorkspaceId)) {
  name: 'awm-prometheus-rules'
  scope: resourceGroup(resourceGroupName)
  params: {
    workspaceId: workspaceId
    location: azureMonitorWorkspaceLocation
    ruleFiles: prometheusRules
    nameSuffix: token
    grafanaUrl: appSettings.?GRAFANA_URL ?? ''
    actionGroupId: actionGroupId
    tags: allTags
  }
  dependsOn: [groups]
}

module topics 'modules/event-topic.bicep' = [
  for topic in allTopics: {
    name: 'awm-topic-${topic.key}'
    scope: resourceGroup(topic.subscriptionId, topic.resourceGroup)
    params: {
      name: topic.name
      isFound: topic.isFound
      location: topic.location
      source: topic.source
      topicType: topic.topicType
      tags: allTags
    }
    dependsOn: [groups]
  }
]

module deliveryAlerts 'modules/delivery-alerts.bicep' = [
  for topic in allTopics: {
    name: 'awm-delivery-alerts-${topic.key}'
    scope: resourceGroup(topic.subscriptionId, topic.resourceGroup)
    params: {
      namePrefix: 'awm-${topic.key}'
      topicName: topic.name
      actionGroupId: actionGroupId
      tags: allTags
    }
    dependsOn: [topics]
  }
]

module deadLetterRoles 'modules/dead-letter-role.bicep' = [
  for (topic, i) in allTopics: if (assignRoles) {
    name: 'awm-dead-letter-role-${topic.key}'
    scope: resourceGroup(resourceGroupName)
    params: {
      name: guid(ids.deadLetters, toLower(topic.id), builtInRoleIds.storageBlobDataContributor)
      storageAccountName: names.hostStorage
      containerName: containers.deadLetters
      roleDefinitionId: builtInRoleIds.storageBlobDataContributor
      principalId: topics[i].outputs.principalId
    }
    dependsOn: [hostStorage]
  }
]

module eventSubscriptions 'modules/event-subscription.bicep' = [
  for each in allEvents: if (deployEventSubscriptions) {
    name: 'awm-events-${each.topic.key}-${each.key}'
    scope: resourceGroup(each.topic.subscriptionId, each.topic.resourceGroup)
    params: {
      name: 'awm-${token}-${each.key}'
      topicName: each.topic.name
      functionId: '${ids.app}/functions/${eventFunction}'
      filter: each.filter
      deadLetterStorageAccountId: ids.hostStorage
      deadLetterContainerName: containers.deadLetters
    }
    dependsOn: [functionApp, topics, deadLetterRoles]
  }
]

@description('Name of the function app.')
output AZURE_FUNCTION_NAME string = names.app

@description('Base URL of the functions.')
output AZURE_FUNCTION_URL string = functionApp.outputs.url

@description('Resource group of the function app.')
output AZURE_RESOURCE_GROUP string = resourceGroupName

@description('Resource ID of the app\'s managed identity.')
output IDENTITY_ID string = ids.identity

@description('Object ID of the managed identity. The Kubernetes bindings use it as the name of the user.')
output IDENTITY_PRINCIPAL_ID string = identity.outputs.principalId

@description('Client ID of the managed identity.')
output IDENTITY_CLIENT_ID string = identity.outputs.clientId

@description('Namespace of the Service in each cluster: the app setting, or the default of the app.')
output SCRAPE_NAMESPACE string = appSettings.?SCRAPE_NAMESPACE ?? 'monitoring'

@description('URL of the blob container for DSC packages.')
output PACKAGE_CONTAINER_URL string = '${packageStorage.outputs.blobEndpoint}${containers.packages}'

@description('Resource ID of the subnet for outbound traffic. Empty if the app has no virtual network integration; its outbound addresses can then change.')
output OUTBOUND_SUBNET_ID string = integrationSubnetId

@description('Role assignments that an administrator must create if assignRoles is false.')
output ROLES_TO_ASSIGN RoleGrant[] = assignRoles ? [] : rolesToAssign
