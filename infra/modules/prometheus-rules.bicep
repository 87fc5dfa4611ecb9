@description('Name of the Azure Monitor workspace.')
param workspaceName string

@description('Subscription of the Azure Monitor workspace.')
param workspaceSubscriptionId string

@description('Resource group of the Azure Monitor workspace.')
param workspaceResourceGroup string

@description('Rule files of monitoring/rules to deploy, without the extension.')
param ruleFiles string[]

@description('Suffix of the names of the rule groups.')
param nameSuffix string

@description('URL of the Grafana with the dashboards. If empty, the alerts have no link to a dashboard.')
param grafanaUrl string

@description('Resource ID of the action group that the alerts notify. Empty for none.')
param actionGroupId string

@description('Tags for the rule groups.')
param tags { *: string }

// loadYamlContent requires constants.
var contents = {
  app: loadYamlContent('../../monitoring/rules/app.yaml')
  compat: loadYamlContent('../../monitoring/rules/compat.yaml')
  containers: loadYamlContent('../../monitoring/rules/containers.yaml')
  coverage: loadYamlContent('../../monitoring/rules/coverage.yaml')
  nodes: loadYamlContent('../../monitoring/rules/nodes.yaml')
  records: loadYamlContent('../../monitoring/rules/records.yaml')
}
var groups = flatten(map(ruleFiles, file => contents[file].groups))

// Azure's severities are numbers, from 0 (critical) to 4 (verbose).
var severities = { critical: 0, warning: 2, info: 3 }

resource workspace 'Microsoft.Monitor/accounts@2023-04-03' existing = {
  name: workspaceName
  scope: resourceGroup(workspaceSubscriptionId, workspaceResourceGroup)
}

resource ruleGroups 'Microsoft.AlertsManagement/prometheusRuleGroups@2023-03-01' = [
  for group in groups: {
    name: '${group.name}.${nameSuffix}'
    location: workspace.location
    tags: tags
    properties: {
      enabled: true
      interval: 'PT1M'
      scopes: [workspace.id]
      rules: map(group.rules, rule => {
        ...(contains(rule, 'record')
          ? { record: rule.record }
          : {
              alert: rule.alert
              severity: severities[rule.labels.severity]
              labels: rule.labels
              annotations: rule.annotations
              resolveConfiguration: { autoResolved: true, timeToResolve: 'PT10M' }
              actions: empty(actionGroupId) ? [] : [{ actionGroupId: actionGroupId }]
              // Prometheus writes 10m, Azure PT10M.
              ...(contains(rule, 'for') ? { for: 'PT${toUpper(rule.for)}' } : {})
            })
        expression: rule.expr
        enabled: true
      })
    }
  }
]
