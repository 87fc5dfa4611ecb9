@description('How the names of the alerts begin.')
param namePrefix string

@description('The name of the system topic.')
param topicName string

@description('The action group that is told; empty for none.')
param actionGroupId string

@description('The tags of the alerts.')
param tags { *: string }

var alerts = [
  { metric: 'DeadLetteredCount', description: 'Events did not reach the app and were put aside; the timer does their work.' }
  { metric: 'DeliveryAttemptFailCount', description: 'Event Grid does not reach the app, or the app refuses its events.' }
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
