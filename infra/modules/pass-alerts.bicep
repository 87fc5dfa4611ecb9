@description('Prefix of the names of the alerts.')
param namePrefix string

@description('Region of the Application Insights component.')
param location string

@description('Name of the Application Insights component.')
param insightsName string

@description('Names of the functions with a timer trigger.')
param timerNames string[]

@description('Resource ID of the action group to notify. Empty for none.')
param actionGroupId string

@description('Tags of the alerts.')
param tags { *: string }

var timers = 'requests | where name in (${join(map(timerNames, each => '"${each}"'), ', ')})'
var alerts = [
  {
    name: 'failed'
    description: 'A pass failed or did not complete its work. Its log line "failed" has the reason.'
    query: '${timers} | where success == false'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'absent'
    description: 'No pass has succeeded: the app is not running, or all of its passes fail.'
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
      // Without any telemetry, the component has no tables, and the validation of the query would fail.
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
