@description('The name of the system topic.')
param name string

@description('Whether the topic is there already, with a system-assigned identity.')
param isFound bool

@description('The region of the source; `global` for resource groups and subscriptions.')
param location string

@description('The resource whose events it has.')
param source string

@description('The kind of that resource, as Event Grid names it.')
param topicType string

@description('The tags of a topic that is made.')
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

@description('The object id of the topic\'s own identity, with which it writes dead letters.')
output principalId string = isFound ? found!.identity.principalId : created!.identity.principalId
