import { EventFilter } from '../types.bicep'

@description('The name of the event subscription.')
param name string

@description('The name of its system topic.')
param topicName string

@description('The function that gets the events, which has to be there already.')
param functionId string

@description('Which events it gets.')
param filter EventFilter

@description('The storage account of the dead letters.')
param deadLetterStorageAccountId string

@description('The container of the dead letters.')
param deadLetterContainerName string

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

resource subscription 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: name
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    destination: {
      endpointType: 'AzureFunction'
      properties: { resourceId: functionId, maxEventsPerBatch: 1, preferredBatchSizeInKilobytes: 64 }
    }
    filter: {
      includedEventTypes: filter.includedEventTypes
      subjectBeginsWith: filter.subjectBeginsWith
      // Exact names keep out what the app itself writes: extensions and manual upgrades.
      advancedFilters: empty(filter.operationNames)
        ? []
        : [{ operatorType: 'StringIn', key: 'data.operationName', values: filter.operationNames }]
    }
    // Both are the most that Event Grid takes.
    retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }
    deadLetterWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: { resourceId: deadLetterStorageAccountId, blobContainerName: deadLetterContainerName }
      }
    }
  }
}
