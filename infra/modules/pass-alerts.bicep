@description('How the names of the alerts begin.')
param namePrefix string

@description('The region of the Application Insights component.')
param location string

@description('The name of the Application Insights component.')
param insightsName string

@description('The functions that run passes by the clock.')
param timerNames string[]

@description('The action group that is told; empty for none.')
param actionGroupId string

@description('The tags of the alerts.')
param tags { *: string }

var timers = 'requests | where name in (${join(map(timerNames, each => '"${each}"'), ', ')})'
var alerts = [
  {
    name: 'failed'
    description: 'A pass left work undone; its log line "failed" says what.'
    query: '${timers} | where success == false'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'absent'
    description: 'No pass has ended well: the app does not run, or nothing that it does succeeds.'
    query: '${timers} | where success == true'
    operator: 'LessThan'
    threshold: 1
  }
]

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource rules 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for alert in alerts: {
    name: '${namePrefix}-passes-${alert.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'aks-windows-metrics: passes ${alert.name}'
      description: alert.description
      enabled: true
      severity: 2
      scopes: [insights.id]
      evaluationFrequency: 'PT15M'
      windowSize: 'PT15M'
      autoMitigate: true
      // A component that has never had telemetry has no tables to check the query against.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: alert.query
            timeAggregation: 'Count'
            operator: alert.operator
            threshold: alert.threshold
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: empty(actionGroupId) ? [] : [actionGroupId] }
    }
  }
]
