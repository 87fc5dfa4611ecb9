@description('Name of the system topic.')
param name string

@description('Whether the system topic exists, with a system-assigned identity.')
param isFound bool

@description('Region of the source; `global` for resource groups and subscriptions.')
param location string

@description('Resource ID of the source of the events.')
param source string

@description('Topic type of the source in Event Grid.')
param topicType string

@description('Tags of a new system topic.')
param tags { *: string }

resource created 'Microsoft.EventGrid/systemTopics@2025-02-15' = if (!isFound) {
  name: name
  location: location
  tags: tags
  identity: { type: 'SystemAssigned' }
  properties: { source: source, topicType: topicType }
}

resource found 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = if (isFound) {
  name: name
}

@description('Object ID of the system topic\'s managed identity, which writes dead-lettered events.')
output principalId string = isFound ? found!.identity.principalId : created!.identity.principalId
