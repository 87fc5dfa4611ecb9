@description('Resource ID of the Azure Monitor workspace.')
param workspaceId string

@description('Region of the Azure Monitor workspace.')
param location string

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

resource ruleGroups 'Microsoft.AlertsManagement/prometheusRuleGroups@2023-03-01' = [
  for group in groups: {
    name: '${group.name}.${nameSuffix}'
    location: location
    tags: tags
    properties: {
      enabled: true
      interval: 'PT1M'
      scopes: [workspaceId]
      rules: map(group.rules, rule => {
        ...(contains(rule, 'record')
          ? { record: rule.record }
          : {
              alert: rule.alert
              severity: severities[rule.labels.severity]
              labels: rule.labels
              annotations: {
                ...toObject(
                  filter(items(rule.annotations), each => each.key != 'dashboard_url'),
                  each => each.key,
                  each => each.value
                )
                ...(empty(grafanaUrl) ? {} : { dashboard_url: replace('${grafanaUrl}/${rule.annotations.dashboard_url}', '//d/', '/d/') })
              }
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
