using '../main.bicep'

param environmentName = 'sandbox'
param location = 'westeurope'
param resourceGroupName = 'windows-metrics-rg'
param clusters = [
  {
    // AKS returns "resourcegroups" in resource IDs.
    id: '/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/shop-rg/providers/Microsoft.ContainerService/managedClusters/shop'
    nodeResourceGroup: 'MC_shop-rg_shop_westeurope'
    location: 'westeurope'
  }
]
param mode = 'install'
param deployEventSubscriptions = false
