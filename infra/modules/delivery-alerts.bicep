@description('Prefix of the names of the alerts.')
param namePrefix string

@description('Name of the system topic.')
param topicName string

@description('Resource ID of the action group to notify. Empty for none.')
param actionGroupId string

@description('Tags of the alerts.')
param tags { *: string }

var alerts = [
  { metric: 'DeadLetteredCount', description: 'Event Grid could not deliver events to the app and moved them to the dead-letter container. The timer triggers run the passes that the events would have started.' }
  { metric: 'DeliveryAttemptFailCount', description: 'Event Grid cannot reach the app, or the app rejects its events.' }
]

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

resource rules 'Microsoft.Insights/metricAlerts@2026-01-01' = [
  for alert in alerts: {
    name: '${namePrefix}-${alert.metric}'
    location: 'global'
    tags: tags
    properties: {
      description: alert.description
      enabled: true
      severity: 2
      scopes: [topic.id]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: alert.metric
            metricNamespace: 'Microsoft.EventGrid/systemTopics'
            metricName: alert.metric
            timeAggregation: 'Total'
            operator: 'GreaterThan'
            threshold: 0
          }
        ]
      }
      actions: empty(actionGroupId) ? [] : [{ actionGroupId: actionGroupId }]
    }
  }
]
