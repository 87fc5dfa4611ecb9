using '../main.bicep'

param environmentName = 'fleet'
param location = 'westeurope'
param clusters = [
  {
    id: '/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/shop-rg/providers/Microsoft.ContainerService/managedClusters/shop'
    nodeResourceGroup: 'MC_shop-rg_shop_westeurope'
    location: 'westeurope'
  }
  {
    id: '/subscriptions/00000000-0000-4000-8000-000000000002/resourcegroups/plant-rg/providers/Microsoft.ContainerService/managedClusters/plant-north'
    nodeResourceGroup: 'plant-north-nodes'
    location: 'northeurope'
    subscriptionSource: true
  }
  {
    id: '/subscriptions/00000000-0000-4000-8000-000000000002/resourcegroups/plant-rg/providers/Microsoft.ContainerService/managedClusters/plant-west'
    nodeResourceGroup: 'plant-west-nodes'
    location: 'westus3'
    subscriptionSource: true
  }
]
param appSettings = {
  POOLS: 'win1,win2'
  UNINSTALL_POOLS: 'win3'
  SCRAPE_SOURCES: 'win2=native'
  SCRAPE_NAMESPACE: 'metrics'
  GRAFANA_URL: 'https://grafana.example/'
  PACKAGE_ALLOWED: '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'
}
param deployEventSubscriptions = true
param allowUninstall = true
param nodeVersion = '22'
param alwaysReadyInstances = 2
param operatorIpRanges = ['198.51.100.0/24', '203.0.113.7/32']
param actionGroupId = '/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/watch-rg/providers/Microsoft.Insights/actionGroups/on-call'
param tags = { team: 'platform' }
param azureMonitorWorkspaceId = '/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/watch-rg/providers/Microsoft.Monitor/accounts/metrics'
param prometheusRules = ['app', 'compat', 'containers', 'coverage', 'nodes', 'records']
