using '../main.bicep'

param environmentName = 'private'
param location = 'westeurope'
param clusters = [
  {
    id: '/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/vault-rg/providers/Microsoft.ContainerService/managedClusters/vault'
    nodeResourceGroup: 'vault-nodes'
    location: 'westeurope'
    existingSystemTopicName: 'vault-nodes-topic'
    existingAksTopicName: 'vault-topic'
  }
]
param deployEventSubscriptions = true
param assignRoles = false
param integrationSubnetId = '/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/network-rg/providers/Microsoft.Network/virtualNetworks/hub/subnets/functions'
param privateEndpointSubnetId = '/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/network-rg/providers/Microsoft.Network/virtualNetworks/hub/subnets/endpoints'
param operatorIpRanges = ['198.51.100.0/24', '203.0.113.7/32']
param deploymentIpRanges = ['198.51.100.0/24']
