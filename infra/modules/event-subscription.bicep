import { EventFilter } from '../types.bicep'

@description('Name of the event subscription.')
param name string

@description('Name of the system topic.')
param topicName string

@description('Resource ID of the function that handles the events. The function must exist.')
param functionId string

@description('Filter of the events.')
param filter EventFilter

@description('Resource ID of the storage account for dead-lettered events.')
param deadLetterStorageAccountId string

@description('Name of the container for dead-lettered events.')
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
      // Exact operation names exclude the app's own writes: extensions and manual upgrades.
      advancedFilters: empty(filter.operationNames)
        ? []
        : [{ operatorType: 'StringIn', key: 'data.operationName', values: filter.operationNames }]
    }
    // The maximum values of Event Grid.
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
